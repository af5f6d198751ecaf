// The list of conversations: kept current, walked with j, k and the arrows, and told in words.
import { merge, parse, prune } from './merge.js'
import { read } from './server.js'

const THROTTLE_MS = 400
const list = () => document.getElementById('conversation-list')
const rows = () => [...document.querySelectorAll('#conversation-list .row-item')]
const searched = () => document.querySelector('.inbox-list [name="q"]').value.trim()
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
  // What was searched for stays as it was found.
  if (!box || searched()) return
  const response = await read(new URL(box.dataset.url, location.href).href)
  if (!response) return
  const fresh = parse(await response.text())
  if (searched() || box !== list()) return
  const active = document.activeElement?.id
  const ids = new Set(chosen().map(box => box.value))
  // What is open stays in sight though it was just read or resolved.
  const descending = !('ascending' in box.dataset)
  prune(box, fresh, row => row.dataset.id === openId(), { descending })
  merge(box, fresh, { descending })
  if (!rows().length && !box.querySelector('[data-none]')) box.replaceChildren(...fresh)
  for (const one of box.querySelectorAll('.row-check')) one.checked = ids.has(one.value)
  countChosen()
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

const chosen = () => [...document.querySelectorAll('#conversation-list .row-check:checked')]

function countChosen () {
  const shown = document.querySelector('[data-chosen]')
  if (shown) shown.textContent = chosen().length
}

function choose () {
  const row = document.activeElement?.closest('.row-pick') ?? document.getElementById(`item-${openId()}`)
  row?.querySelector('.row-check')?.click()
}

function unchoose () {
  for (const box of chosen()) box.checked = false
  countChosen()
}

function arrow (event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return
  const field = event.target.matches('.inbox-list [name="q"]')
  if (!field && !event.target.matches('#conversation-list .row-item')) return
  event.preventDefault()
  if (field) rows()[0]?.focus()
  else move(step)
}

/** Say what opened or was found; the focus stays where it is. */
function announce ({ detail }) {
  const target = detail.ctx?.target?.id
  const text = target === 'conversation'
    ? document.getElementById('conversation-title')?.textContent
    : target === 'conversation-list' && document.querySelector('#conversation-list > [data-announce]')?.dataset.announce
  if (text) document.getElementById('inbox-said').textContent = text.trim()
}

export function startList () {
  document.addEventListener('keydown', arrow)
  document.addEventListener('change', event => { if (event.target.matches('.row-check')) countChosen() })
  document.addEventListener('htmx:after:request', ({ detail }) => {
    if (detail.ctx.sourceElement?.closest('[data-bulk]') && detail.ctx.response?.status < 400) unchoose()
  })
  document.addEventListener('htmx:after:swap', announce)
  document.body.addEventListener('live:changed', event => { if (event.detail.topic === 'inbox') soon() })
  document.body.addEventListener('live:reset', soon)
  document.addEventListener('htmx:after:swap', markCurrent)
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-move]')
    if (button) move(Number(button.dataset.move))
    if (event.target.closest('[data-choose]')) choose()
    if (event.target.closest('[data-unchoose]')) unchoose()
  })
}
