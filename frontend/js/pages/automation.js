// The builder: undo and redo, moving by keyboard, the focus after a change, variables at the caret.
// The definition is kept in one hidden field; every answer of the server brings the next one.
const root = () => document.getElementById('builder')
const field = () => document.getElementById('definition')
const past = []
let future = []
let shown = field()?.value
let isGoingBack = false
let lastField = null

/** Tell the form that guards against leaving: a hidden field changes without an event. */
const changed = () => field().dispatchEvent(new Event('input', { bubbles: true }))

function remember () {
  const now = field()?.value
  if (now === undefined || now === shown) return
  if (!isGoingBack) { past.push(shown); future = [] }
  shown = now
  changed()
}

function buttons () {
  for (const [name, states] of [['undo', past], ['redo', future]]) {
    for (const button of document.querySelectorAll(`[data-${name}]`)) button.disabled = !states.length
  }
}

function go (from, to) {
  if (!from.length) return
  to.push(field().value)
  isGoingBack = true
  const checked = root().querySelector('[name="checked"]') ? { checked: '1' } : {}
  window.htmx.ajax('POST', root().dataset.changeUrl, {
    source: root(), target: '#builder', swap: 'outerMorph', values: { definition: from.pop(), op: 'show', ...checked }
  })
}

/** The focus to a card, a condition, or (in a group without any) what adds one. */
function focusOn (id) {
  const place = document.getElementById(id)
  const target = place?.querySelector('.flow-open') ?? place?.querySelector('button')
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}

function focusPlace () {
  const place = root().dataset.focus
  delete root().dataset.focus
  const target = place ? document.getElementById(place)?.querySelector('.flow-open') : root().querySelector('.flow-removed [data-undo]')
  if (!target) return
  const go = () => { target.focus(); target.scrollIntoView({ block: 'nearest' }) }
  // Behind an open dialog nothing takes the focus, and closing it gives the focus back.
  const open = document.querySelector('dialog[open]')
  if (open) open.addEventListener('close', go, { once: true })
  else go()
}

document.addEventListener('htmx:after:swap', event => {
  const { target, sourceElement } = event.detail.ctx
  const isFlow = [target, sourceElement].some(element => element?.id === 'builder' || element?.closest?.('#builder, #card-form'))
  if (!root() || !isFlow) return
  remember()
  isGoingBack = false
  buttons()
  focusPlace()
})

document.addEventListener('click', event => {
  if (event.target.closest('[data-undo]')) go(past, future)
  if (event.target.closest('[data-redo]')) go(future, past)
  const wrong = event.target.closest('[data-go-to]')
  if (wrong) { event.preventDefault(); focusOn(wrong.dataset.goTo) }
  const insert = event.target.closest('[data-insert]')
  if (insert) put(insert)
})

document.addEventListener('keydown', event => {
  const isTyping = event.target.closest?.('input, textarea, select, dialog')
  const key = event.key.toLowerCase()
  if ((event.ctrlKey || event.metaKey) && !isTyping && (key === 'z' || key === 'y')) {
    event.preventDefault()
    if (key === 'y' || event.shiftKey) go(future, past)
    else go(past, future)
    return
  }
  const card = event.target.matches?.('.flow-open') && event.target.closest('.flow-card, .condition')
  if (!card) return
  const verb = event.altKey ? { ArrowUp: 'up', ArrowDown: 'down' }[event.key] : { Delete: 'remove' }[event.key]
  if (verb) {
    event.preventDefault()
    card.querySelector(`[data-verb="${verb}"]`)?.click()
    return
  }
  const step = event.altKey ? 0 : { ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (!step) return
  const all = [...root().querySelectorAll('.flow-open')]
  const next = all[all.indexOf(event.target) + step]
  if (next) { event.preventDefault(); next.focus() }
})

// --- variables
document.addEventListener('focusout', event => {
  if (event.target.matches?.('[data-takes-variables]')) lastField = event.target
})

function put (button) {
  const menu = button.closest('[popover]')
  const group = menu?.parentElement.closest('.field, form')
  const inGroup = group?.querySelector('[data-takes-variables]')
  const target = group?.contains(lastField) ? lastField : inGroup
  if (!target) return
  target.setRangeText(button.dataset.insert, target.selectionStart, target.selectionEnd, 'end')
  menu?.hidePopover?.()
  target.focus()
  target.dispatchEvent(new Event('input', { bubbles: true }))
}

// A switch that asks first stays as it is until it is answered.
document.addEventListener('click', event => { if (event.target.matches('[data-stays]')) event.preventDefault() })

if (root()) buttons()
