// The open thread: new bubbles and ticks come in by their ids, days stay separated, reading is told.
import { gap, startJumping, toNewest } from './jump.js'
import { merge, parse } from './merge.js'
import { post, read } from './server.js'

const pane = () => document.querySelector('[data-conversation]')
const box = () => document.getElementById('thread')
const wanted = new Set()
let holds = 0
let isFetching = false

/** Day separators between the items, wherever they came from. */
export function separate () {
  const thread = box()
  if (!thread) return
  let day = null
  let separator = null
  for (const element of [...thread.children]) {
    if (element.matches('.date-separator')) {
      separator?.remove()
      separator = element
    } else if (element.dataset.day) {
      const { day: own, dayLabel } = element.dataset
      if (own === day) separator?.remove()
      else if (!separator) element.before(separatorOf(own, dayLabel))
      else if (separator.dataset.day !== own) separator.replaceWith(separatorOf(own, dayLabel))
      day = own
      separator = null
    }
  }
  separator?.remove()
}

function separatorOf (day, label) {
  const made = document.createElement('div')
  made.className = 'date-separator'
  made.setAttribute('role', 'separator')
  made.dataset.day = day
  made.append(Object.assign(document.createElement('span'), { textContent: label }))
  return made
}

/** Show the bubbles of a response; also tells the composer how the window stands. What is new has
    no place where newer ones are still to be loaded: our own leads there, of others the button tells. */
export async function show (response, { isHeard = false } = {}) {
  const thread = box()
  const fresh = parse(await response.text())
  if (gap() && !isHeard) await toNewest()
  merge(thread, gap() ? known(fresh) : fresh)
  separate()
  const state = response.headers.get('X-Window')
  if (state) document.dispatchEvent(new CustomEvent('inbox:window', { detail: { state, until: response.headers.get('X-Window-Until') } }))
}

const known = fresh => fresh.filter(element => document.getElementById(element.id))

async function fetchWanted () {
  if (isFetching || holds || !wanted.size || !pane()) return
  isFetching = true
  const conversation = pane()
  const url = new URL(conversation.dataset.messagesUrl, location.href)
  const ids = [...wanted].slice(0, 100)
  for (const id of ids) { url.searchParams.append('message', id); wanted.delete(id) }
  const response = await read(url)
  if (response && conversation === pane()) { await show(response, { isHeard: true }); seen() }
  isFetching = false
  fetchWanted()
}

async function fetchNewest () {
  const conversation = pane()
  if (!conversation) return
  const response = await read(conversation.dataset.messagesUrl)
  if (!response || conversation !== pane()) return
  // Older pages stay as they are: the page's own sentinel is already there.
  const fresh = parse(await response.text()).filter(element => element.dataset.order)
  merge(box(), gap() ? known(fresh) : fresh)
  separate()
  seen()
  document.dispatchEvent(new CustomEvent('inbox:composer'))
}

/** While something is being sent, its own hint waits for the answer. */
export function hold () { holds += 1 }
export function release () { holds -= 1; fetchWanted() }

let readTimer
function seen () {
  clearTimeout(readTimer)
  readTimer = setTimeout(() => {
    const { readUrl } = pane()?.dataset ?? {}
    if (readUrl && !document.hidden) post(readUrl)
  }, 150)
}

const isOpen = topic => topic === `conversation:${pane()?.dataset.conversation}`

function heard ({ detail }) {
  if (!isOpen(detail.topic)) return
  wanted.add(detail.id)
  fetchWanted()
}

async function refreshActions ({ detail }) {
  const target = document.getElementById('conversation-actions')
  if (!isOpen(detail.topic) || !target) return
  const response = await read(`${pane().dataset.messagesUrl}../actions/`)
  if (!response || !target.isConnected) return
  target.innerHTML = await response.text()
  window.htmx.process(target)
}

/** A message begins or ends the wait for an answer; the menus beside it may be open and stay. */
async function refreshDeadline ({ detail }) {
  if (!isOpen(detail.topic) || !document.querySelector('#conversation-deadline[data-promised]')) return
  const response = await read(`${pane().dataset.messagesUrl}../actions/`)
  const fresh = response && new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('conversation-deadline')
  if (fresh) document.getElementById('conversation-deadline')?.replaceWith(fresh)
}

function refreshScheduled ({ detail }) {
  if (isOpen(detail.topic)) window.htmx.trigger('#scheduled', 'stale')
}

export function startThread () {
  document.body.addEventListener('live:message-created', heard)
  document.body.addEventListener('live:message-changed', heard)
  document.body.addEventListener('live:message-created', refreshDeadline)
  document.body.addEventListener('live:changed', refreshActions)
  document.body.addEventListener('live:changed', refreshScheduled)
  document.body.addEventListener('live:reset', fetchNewest)
  document.addEventListener('visibilitychange', () => { if (!document.hidden && pane()) seen() })
  document.addEventListener('htmx:after:swap', event => {
    separate()
    if (event.detail.ctx?.target?.id === 'conversation') { wanted.clear(); seen() }
  })
  startJumping()
  if (pane()) seen()
}
