// To one message of a thread, wherever it stands, and back to the newest.
import { parse } from './merge.js'
import { read } from './server.js'
import { separate } from './thread.js'

const FOUND_MS = 2_500
const FAR_PX = 400
const pane = () => document.querySelector('[data-conversation]')
const box = () => document.getElementById('thread')

/** Whether newer messages than those that are shown are still to be loaded. */
export const gap = () => box()?.querySelector(':scope > [data-newer]')

async function load (query) {
  const asked = pane()
  const response = await read(`${asked.dataset.messagesUrl}${query}`)
  if (!response || asked !== pane()) return null
  box().replaceChildren(...parse(await response.text()))
  window.htmx.process(box())
  separate()
  return response
}

export async function toNewest () {
  if (gap() && !await load('')) return
  delete box().dataset.target
  box().scrollTop = box().scrollHeight
  const url = new URL(location.href)
  url.searchParams.delete('message')
  history.replaceState(history.state, '', url)
  tellPlace()
}

async function jump (id) {
  const is = () => document.getElementById(`message-${id}`)
  if (!is() && !await load(`?around=${encodeURIComponent(id)}`)) return
  point(is())
}

function point (item) {
  if (!item) return
  item.scrollIntoView({ block: 'center' })
  item.focus({ preventScroll: true })
  item.dataset.found = ''
  setTimeout(() => delete item.dataset.found, FOUND_MS)
  tellPlace()
}

/** A page or a conversation that was opened at a message. */
function arrive () {
  const { target } = box()?.dataset ?? {}
  if (target) requestAnimationFrame(() => point(document.getElementById(`message-${target}`)))
}

function tellPlace () {
  const button = document.querySelector('[data-newest]')
  const thread = box()
  if (button) button.hidden = !gap() && thread.scrollHeight - thread.scrollTop - thread.clientHeight < FAR_PX
}

export function startJumping () {
  document.addEventListener('click', ({ target }) => {
    const quote = target.closest('[data-jump]')
    if (quote) jump(quote.dataset.jump)
    if (target.closest('[data-newest]')) { toNewest(); box().focus({ preventScroll: true }) }
  })
  document.addEventListener('scroll', ({ target }) => { if (target === box()) tellPlace() }, { capture: true, passive: true })
  document.addEventListener('htmx:after:swap', ({ detail }) => {
    if (detail.ctx?.target?.id === 'conversation') arrive()
    if (box()) tellPlace()
  })
  arrive()
}
