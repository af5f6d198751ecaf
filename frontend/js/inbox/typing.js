// "Ana is typing": told to colleagues and to the customer while something is written, heard of others.
import { read, tell } from './server.js'

const TELL_MS = 4_000
const FADE_MS = 8_000
const pane = () => document.querySelector('[data-conversation]')
const shown = () => document.getElementById('typing')
let toldAt = 0
let timer = null

function typed ({ target }) {
  const to = target.matches?.('.composer-input') ? 'customer' : target.matches?.('.note-input') ? 'team' : null
  const { typingUrl } = pane()?.dataset ?? {}
  if (!to || !typingUrl) return
  if (!target.value.trim()) return toldAt && say(typingUrl, '')
  if (Date.now() - toldAt >= TELL_MS) say(typingUrl, to)
}

function say (url, to) {
  toldAt = to ? Date.now() : 0
  const body = new FormData()
  body.append('to', to)
  tell(url, body)
}

async function look () {
  clearTimeout(timer)
  const asked = pane()
  const response = asked && await read(asked.dataset.typingReadUrl)
  if (!response || asked !== pane()) return
  const text = (await response.text()).trim()
  if (!shown()) return
  shown().innerHTML = text
  if (text) timer = setTimeout(look, FADE_MS)
}

export function startTyping () {
  document.addEventListener('input', typed)
  document.body.addEventListener('live:typing', ({ detail }) => {
    if (detail.topic === `conversation:${pane()?.dataset.conversation}`) look()
  })
  document.addEventListener('htmx:after:swap', ({ detail }) => {
    if (detail.ctx?.target?.id === 'conversation') { toldAt = 0; look() }
  })
}
