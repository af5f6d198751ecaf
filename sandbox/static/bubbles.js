// A message as WhatsApp draws it.
import { make, timeOf } from './dom.js'

const words = document.body.dataset

/** The element of one message; `answer(button, message)` is called for reply buttons. */
export function bubble(message, answer) {
  const article = make('article', {
    class: `message ${message.direction}`,
    'data-testid': 'phone-message',
    'data-direction': message.direction,
    'data-wamid': message.id,
    'data-status': message.status,
    'data-kind': message.kind,
  })
  article.append(make('div', { class: 'bubble' }, ...contents(message)))
  if (message.reaction) article.append(make('span', { class: 'reaction' }, message.reaction))
  if (message.buttons.length) {
    article.append(make('div', { class: 'actions' }, ...message.buttons.map((button) => action(button, message, answer))))
  }
  return article
}

function* contents(message) {
  if (message.quoted) {
    const who = message.quoted.direction === 'out' ? words.you : words.business
    yield make('span', { class: 'quoted' }, make('b', {}, who), message.quoted.text)
  }
  if (message.media) yield media(message.media)
  if (message.header) yield make('p', { class: 'head' }, message.header)
  if (message.location) yield place(message.location)
  for (const card of message.contacts ?? []) {
    yield make('span', { class: 'person' }, make('span', { class: 'glyph' }, '👤'), make('span', {}, make('b', {}, card.name), make('small', {}, card.number)))
  }
  if (message.text) yield make('p', {}, ...formatted(message.text))
  if (message.footer) yield make('p', { class: 'foot' }, message.footer)
  yield meta(message)
}

function meta(message) {
  const time = make('time', { datetime: new Date(message.at * 1000).toISOString() }, timeOf(new Date(message.at * 1000)))
  const line = make('span', { class: 'meta' }, time)
  if (message.direction === 'out') line.append(ticks(words[message.status] ?? message.status))
  return line
}

function ticks(label) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 18 11')
  svg.setAttribute('class', 'ticks')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  for (const [kind, shape] of [['first', 'M1 6l3.5 4L11 1.5'], ['second', 'M7.5 9l1 1L15.5 1.5']]) {
    const path = document.createElementNS(svg.namespaceURI, 'path')
    path.setAttribute('d', shape)
    path.setAttribute('class', kind)
    svg.append(path)
  }
  return svg
}

function media({ kind, url, filename }) {
  if (kind === 'image' || kind === 'sticker') {
    return make('img', { class: kind === 'image' ? 'picture' : 'picture sticker', src: url, alt: filename || kind, loading: 'lazy' })
  }
  if (kind === 'video') return make('video', { src: url, controls: '', preload: 'metadata' })
  if (kind === 'audio') return make('audio', { src: url, controls: '', preload: 'metadata' })
  return make(
    'a',
    { class: 'file', href: url, target: '_blank', rel: 'noopener' },
    make('span', { class: 'glyph', 'aria-hidden': 'true' }, '📄'),
    make('span', {}, make('b', {}, filename || 'documento'), make('small', {}, words.openFile)),
  )
}

function place({ latitude, longitude, name, address }) {
  return make(
    'a',
    { class: 'place', href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`, target: '_blank', rel: 'noopener' },
    make('span', { class: 'glyph', 'aria-hidden': 'true' }, '📍'),
    make('span', {}, make('b', {}, name || `${latitude}, ${longitude}`), make('small', {}, address || words.map)),
  )
}

function action(button, message, answer) {
  const label = button.label || { phone: words.call, copy: words.copy }[button.kind] || button.value
  if (button.kind === 'url') {
    return make('a', { class: 'action', href: button.value, target: '_blank', rel: 'noopener' }, `↗ ${label}`)
  }
  if (button.kind === 'phone') return make('a', { class: 'action', href: `tel:${button.value}` }, `☎ ${label}`)
  const mark = button.kind === 'copy' ? '⧉' : '↩'
  return make('button', { class: 'action', type: 'button', 'data-testid': 'phone-button', onclick: () => answer(button, message) }, `${mark} ${label}`)
}

const MARKS = { '*': 'strong', _: 'em', '~': 's', '`': 'code' }
const PATTERN = /(https?:\/\/[^\s<>"]+)|(?<=^|[\s.,;:!?("'])([*_~`])(?=\S)([^\n]*?\S)\2(?=$|[\s.,;:!?)"'])/g

/** WhatsApp's *bold*, _italic_, ~struck~, `code` and links as nodes. */
function formatted(text) {
  const nodes = []
  let end = 0
  for (const match of text.matchAll(PATTERN)) {
    nodes.push(text.slice(end, match.index))
    end = match.index + match[0].length
    if (match[1]) nodes.push(make('a', { href: match[1], target: '_blank', rel: 'noopener' }, match[1]))
    else nodes.push(make(MARKS[match[2]], {}, ...formatted(match[3])))
  }
  nodes.push(text.slice(end))
  return nodes.filter((node) => node !== '')
}
