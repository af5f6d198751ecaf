// A message as WhatsApp draws it.
import { make, timeOf } from './dom.js'

const words = document.body.dataset

/** What stands for a message without text: its kind in words. */
export const kindWord = (kind) => words[`kind${kind.charAt(0).toUpperCase()}${kind.slice(1)}`] ?? '…'

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
    yield make('span', { class: 'quoted' }, make('b', {}, who), message.quoted.text || kindWord(message.quoted.kind))
  }
  if (message.media) yield media(message.media)
  if (message.header) yield make('p', { class: 'head' }, message.header)
  if (message.location) yield place(message.location)
  for (const card of message.contacts ?? []) {
    yield make('span', { class: 'person' }, glyph('person'), make('span', {}, make('b', {}, card.name), make('small', {}, card.number)))
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

const SHAPES = {
  file: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  pin: 'M12 21s-7-6.4-7-11.5a7 7 0 0 1 14 0C19 14.6 12 21 12 21zM12 7.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5',
  open: 'M8 5h11v11M19 5L6 18',
  call: 'M6 3l3.5 1 1 4-2.5 2c1 2.5 3 4.5 5.5 5.5l2-2.5 4 1 1 3.5c-.5 2-2 3-4 2.5C9.5 18.5 4.5 13 3.5 7 3.5 5 4.5 3.5 6 3z',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  reply: 'M10 6L4 12l6 6M4 12h10c4 0 6 2 6 6',
}

/** A line drawing, for the eye only. */
function glyph(name) {
  const svg = drawing('0 0 24 24', 'glyph', [['', SHAPES[name]]])
  svg.setAttribute('aria-hidden', 'true')
  return svg
}

function ticks(label) {
  const svg = drawing('0 0 18 11', 'ticks', [['first', 'M1 6l3.5 4L11 1.5'], ['second', 'M7.5 9l1 1L15.5 1.5']])
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  return svg
}

function drawing(box, kind, shapes) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', box)
  svg.setAttribute('class', kind)
  for (const [name, shape] of shapes) {
    const path = document.createElementNS(svg.namespaceURI, 'path')
    path.setAttribute('d', shape)
    if (name) path.setAttribute('class', name)
    svg.append(path)
  }
  return svg
}

function media({ kind, url, filename }) {
  if (kind === 'image' || kind === 'sticker') {
    return make('img', { class: kind === 'image' ? 'picture' : 'picture sticker', src: url, alt: filename || kind })
  }
  if (kind === 'video') return make('video', { src: url, controls: '', preload: 'metadata' })
  if (kind === 'audio') return make('audio', { src: url, controls: '', preload: 'metadata' })
  return make(
    'a',
    { class: 'file', href: url, target: '_blank', rel: 'noopener' },
    glyph('file'),
    make('span', {}, make('b', {}, filename || 'documento'), make('small', {}, words.openFile)),
  )
}

function place({ latitude, longitude, name, address }) {
  return make(
    'a',
    { class: 'place', href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`, target: '_blank', rel: 'noopener' },
    glyph('pin'),
    make('span', {}, make('b', {}, name || `${latitude}, ${longitude}`), make('small', {}, address || words.map)),
  )
}

function action(button, message, answer) {
  const label = button.label || { phone: words.call, copy: words.copy }[button.kind] || button.value
  if (button.kind === 'url') {
    return make('a', { class: 'action', href: button.value, target: '_blank', rel: 'noopener' }, glyph('open'), label)
  }
  if (button.kind === 'phone') return make('a', { class: 'action', href: `tel:${button.value}` }, glyph('call'), label)
  return make('button', { class: 'action', type: 'button', 'data-testid': 'phone-button', onclick: () => answer(button, message) }, glyph(button.kind === 'copy' ? 'copy' : 'reply'), label)
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
