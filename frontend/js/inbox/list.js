// The list of conversations: kept current, and walked with j and k.
import { merge, parse, prune } from './merge.js'
import { read } from './server.js'

const THROTTLE_MS = 400
const list = () => document.getElementById('conversation-list')
const rows = () => [...document.querySelectorAll('#conversation-list > [data-order]')]
const openId = () => document.querySelector('[data-conversation]')?.dataset.conversation
let last = 0
let timer = null

function markCurrent () {
  for (const row of rows()) {
    if (row.dataset.id === openId()) row.setAttribute('aria-current', 'true')
    else row.removeAttribute('aria-current')
  }
}

async function refresh () {
  timer = null
  last = Date.now()
  const box = list()
  if (!box) return
  const url = new URL(box.dataset.url, location.href)
  const fields = document.querySelectorAll('.inbox-list [name="view"], .inbox-list [name="q"]')
  for (const field of fields) url.searchParams.set(field.name, field.value)
  const asked = url.href
  const response = await read(asked)
  if (!response) return
  const fresh = parse(await response.text())
  const unchanged = [...fields].every(field => url.searchParams.get(field.name) === field.value)
  if (!unchanged || box !== list()) return
  const active = document.activeElement?.id
  // What is open stays in sight though it was just read or resolved.
  prune(box, fresh, row => row.dataset.id === openId())
  merge(box, fresh, { descending: true })
  if (!rows().length && !box.querySelector('[data-none]')) box.replaceChildren(...fresh)
  if (active?.startsWith('row-')) document.getElementById(active)?.focus({ preventScroll: true })
  markCurrent()
}

function soon () {
  timer ??= setTimeout(refresh, Math.max(0, last + THROTTLE_MS - Date.now()))
}

function move (step) {
  const all = rows()
  if (!all.length) return
  const focused = all.indexOf(document.activeElement)
  const from = focused >= 0 ? focused : all.findIndex(row => row.matches('[aria-current]'))
  const next = all[Math.min(all.length - 1, Math.max(0, from + step))]
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

export function startList () {
  document.body.addEventListener('live:changed', event => { if (event.detail.topic === 'inbox') soon() })
  document.body.addEventListener('live:reset', soon)
  document.addEventListener('htmx:after:swap', markCurrent)
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-move]')
    if (button) move(Number(button.dataset.move))
  })
}
