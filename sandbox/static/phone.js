// The phone: choose a chat, see it live, answer.
import { bubble, kindWord } from './bubbles.js'
import { byId, dayOf, getJson, make, timeOf } from './dom.js'

const words = document.body.dataset
const address = new URLSearchParams(location.search)
const state = { connection: address.get('connection') ?? '', contact: address.get('contact') ?? '', name: address.get('name') ?? '', shown: '' }

const digits = (text) => text.replace(/\D/g, '')
const initials = (name) => name.replace(/[^\p{L}\p{N} ]/gu, '').trim().split(/\s+/).slice(0, 2).map((word) => word[0]).join('').toUpperCase() || '#'
const hue = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)

// ------------------------------------------------------------------ what is shown

async function showConnections() {
  const { results } = await getJson('/_sandbox/phone/connections')
  byId('connection').replaceChildren(...results.map((one) => make('option', { value: one.id }, `${one.name} · ${one.number}`)))
  if (!results.some((one) => one.id === state.connection)) state.connection = results[0]?.id ?? ''
  byId('connection').value = state.connection
  state.providers = new Map(results.map((one) => [one.id, one.provider]))
  showProvider()
}

/** SMS carries text alone, so there is nothing to attach. */
function showProvider() {
  state.provider = state.providers.get(state.connection) ?? 'meta'
  byId('attach').hidden = state.provider !== 'meta'
}

async function showContacts() {
  const { results } = await getJson('/_sandbox/phone/contacts', { connection: state.connection, q: byId('search').value })
  byId('no-contacts').hidden = results.length > 0
  byId('contacts').replaceChildren(...results.map((chat) => make('li', {}, contactRow(chat))))
}

function contactRow(chat) {
  const title = chat.name || chat.number
  const face = make('span', { class: 'avatar', 'aria-hidden': 'true' }, chat.name ? initials(chat.name) : '#')
  face.style.setProperty('--hue', hue(chat.contact))
  const unread = chat.unread && chat.contact !== state.contact ? make('span', { class: 'badge' }, String(chat.unread)) : ''
  return make(
    'button',
    { type: 'button', class: 'contact', 'data-testid': 'phone-contact', 'data-contact': chat.contact, 'aria-current': chat.contact === state.contact, onclick: () => openChat(chat.contact, chat.name) },
    face,
    make('span', {}, make('b', {}, title), make('small', {}, chat.preview || kindWord(chat.kind))),
    make('span', { class: 'when' }, make('time', {}, timeOf(new Date(chat.at * 1000))), unread),
  )
}

async function showChat() {
  if (!state.contact) return
  const chat = await getJson('/_sandbox/phone/messages', { connection: state.connection, contact: state.contact })
  if (chat.contact !== state.contact) return
  byId('business').textContent = chat.business
  byId('avatar').textContent = initials(chat.business)
  byId('presence').textContent = chat.typing ? words.typing : words.online
  byId('as').textContent = chat.name ? `${chat.name}\n${chat.number}` : chat.number
  byId('nothing').hidden = true
  byId('messages').hidden = false
  byId('compose').hidden = false
  document.body.dataset.view = 'chat'
  const fingerprint = JSON.stringify([state.connection, chat.contact, chat.results])
  if (fingerprint !== state.shown) drawMessages(chat.results)
  state.shown = fingerprint
  clearTimeout(state.typing)
  if (chat.typing) state.typing = setTimeout(showChat, 5000)
}

function drawMessages(messages) {
  const list = byId('messages')
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80
  const known = new Map([...list.querySelectorAll('article')].map((one) => [one.dataset.wamid, one]))
  const nodes = []
  let day = ''
  for (const message of messages) {
    const today = dayOf(new Date(message.at * 1000))
    if (today !== day) nodes.push(make('span', { class: 'day' }, today))
    day = today
    nodes.push(kept(known.get(message.id), message) ?? fresh(message))
  }
  list.replaceChildren(...nodes)
  stay.atEnd = atEnd || list.dataset.chat !== state.contact
  if (stay.atEnd) list.scrollTop = list.scrollHeight
  list.dataset.chat = state.contact
}

/** Whether the chat was at its end: pictures that load later must not push the end out of sight. */
const stay = { atEnd: true }

const drawn = new WeakMap()

function fresh(message) {
  const element = bubble(message, pressButton)
  drawn.set(element, JSON.stringify(message))
  return element
}

/** The element drawn before, unless the message changed: playing audio and focus survive. */
function kept(element, message) {
  return element && drawn.get(element) === JSON.stringify(message) ? element : undefined
}

// ------------------------------------------------------------------ what the customer does

function openChat(contact, name = '') {
  Object.assign(state, { contact, name })
  remember()
  refresh().then(() => matchMedia('(min-width: 861px)').matches && byId('text').focus())
}

function remember() {
  const query = new URLSearchParams({ connection: state.connection, ...(state.contact && { contact: state.contact }) })
  history.replaceState(null, '', `?${query}`)
}

async function write(part) {
  const body = { provider: state.provider, connection: state.connection, from: state.contact, ...(state.name && { name: state.name }), ...part }
  try {
    const response = await fetch('/_sandbox/inbound', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    const answer = await response.json()
    if (!response.ok) say(answer.detail)
    else if (!answer.delivered) say(words.refused.replace('{status}', answer.status || '–'))
  } catch {
    say(words.failed)
  }
  await refresh()
  byId('messages').scrollTop = byId('messages').scrollHeight
}

function pressButton(button, message) {
  if (button.kind === 'copy') {
    navigator.clipboard?.writeText(button.value).catch(() => {})
    say(`${words.copied}: ${button.value}`)
    return
  }
  const context = { id: message.id }
  if (button.kind === 'quick_reply') write({ payload: { type: 'button', button: { text: button.label, payload: button.value }, context } })
  else write({ payload: { type: 'interactive', interactive: { type: button.kind, [button.kind]: { id: button.value, title: button.label } }, context } })
}

const ATTACH = {
  photo: () => pickFile('image/png,image/jpeg'),
  document: () => pickFile('.pdf,.doc,.docx,.xls,.xlsx,.txt'),
  audio: () => pickFile('audio/*'),
  sample: () => write({ media: { kind: 'image', sample: true } }),
  location: () => write({ payload: { type: 'location', location: { latitude: -23.561684, longitude: -46.655981, name: 'MASP', address: 'Av. Paulista, 1578, São Paulo' } } }),
  card: () => write({ payload: { type: 'contacts', contacts: [{ name: { formatted_name: 'João Pereira', first_name: 'João', last_name: 'Pereira' }, phones: [{ phone: '+55 21 99876-5432', wa_id: '5521998765432', type: 'CELL' }] }] } }),
}

function pickFile(accept) {
  byId('file').accept = accept
  byId('file').click()
}

async function sendFile() {
  const [file] = byId('file').files
  byId('file').value = ''
  if (!file) return
  const encoded = await new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result.split(',', 2)[1])
    reader.onerror = fail
    reader.readAsDataURL(file)
  })
  const family = file.type.split('/')[0]
  const kind = ['image', 'audio', 'video'].includes(family) ? family : 'document'
  const caption = byId('text').value.trim()
  byId('text').value = ''
  await write({ media: { kind, base64: encoded, filename: file.name, mime: file.type || undefined, caption } })
}

function toggleMenu(open) {
  byId('attach-menu').hidden = !open
  byId('attach').setAttribute('aria-expanded', String(open))
  if (open) byId('attach-menu').querySelector('button').focus()
}

function say(text) {
  const toast = byId('toast')
  toast.textContent = text
  toast.classList.add('on')
  clearTimeout(state.toast)
  state.toast = setTimeout(() => toast.classList.remove('on'), 4000)
}

// ------------------------------------------------------------------ wiring

const refresh = () => Promise.all([showChat(), showContacts()])

byId('messages').addEventListener('load', () => stay.atEnd && byId('messages').scrollTo(0, byId('messages').scrollHeight), true)
byId('messages').addEventListener('wheel', () => (stay.atEnd = false), { passive: true })
byId('messages').addEventListener('touchmove', () => (stay.atEnd = false), { passive: true })
byId('connection').addEventListener('change', (event) => {
  state.connection = event.target.value
  showProvider()
  remember()
  refresh()
})
byId('dial').addEventListener('submit', (event) => {
  event.preventDefault()
  openChat(digits(byId('dial-number').value), byId('dial-name').value.trim())
  event.target.reset()
})
byId('search').addEventListener('input', () => {
  clearTimeout(state.search)
  state.search = setTimeout(showContacts, 200)
})
byId('compose').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = byId('text').value.trim()
  byId('text').value = ''
  if (text) write({ text })
})
byId('text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault()
    byId('compose').requestSubmit()
  }
})
byId('back').addEventListener('click', () => {
  document.body.dataset.view = 'list'
  state.contact = ''
  remember()
  showContacts()
})
byId('attach').addEventListener('click', () => toggleMenu(byId('attach-menu').hidden))
byId('attach-menu').addEventListener('click', (event) => {
  const choice = event.target.closest('[data-attach]')
  if (!choice) return
  toggleMenu(false)
  ATTACH[choice.dataset.attach]()
})
byId('attach-menu').addEventListener('keydown', (event) => {
  const items = [...byId('attach-menu').querySelectorAll('button')]
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) {
    event.preventDefault()
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus()
  }
})
byId('file').addEventListener('change', sendFile)
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !byId('attach-menu').hidden) {
    toggleMenu(false)
    byId('attach').focus()
  }
})
document.addEventListener('click', (event) => {
  if (!event.target.closest('.pop')) toggleMenu(false)
})

function tickClock() {
  byId('clock').textContent = timeOf(new Date())
  setTimeout(tickClock, 10000)
}

const hints = new EventSource('/_sandbox/phone/events')
hints.onmessage = (event) => {
  const topics = JSON.parse(event.data)
  if (topics.includes(`${state.connection}:${state.contact}`)) showChat()
  if (topics.some((topic) => topic.startsWith(`${state.connection}:`))) showContacts()
}
hints.onopen = () => state.connection && refresh()

tickClock()
await showConnections()
await refresh()
