// Menus and tooltips in the top layer (native popovers), placed beside their button.
const GAP = 4

function place (box, anchor, align = 'end', side = 'bottom') {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  let left = align === 'start' ? at.left : align === 'center' ? at.left + (at.width - width) / 2 : at.right - width
  left = Math.max(8, Math.min(left, innerWidth - width - 8))
  const below = at.bottom + GAP
  const above = at.top - height - GAP
  const upward = side === 'top' ? above >= 8 : below + height > innerHeight - 8 && above >= 8
  Object.assign(box.style, { left: `${left}px`, top: `${upward ? above : below}px` })
}

const opener = menu => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`)
const items = menu => [...menu.querySelectorAll('[role^="menuitem"]:not([disabled])')]

document.addEventListener('toggle', event => {
  const menu = event.target
  if (!menu.matches?.('.menu')) return
  const open = event.newState === 'open'
  const button = opener(menu)
  button?.setAttribute('aria-expanded', String(open))
  if (!open) return
  if (button) place(menu, button, menu.dataset.align)
  if (button?.matches(':focus-visible')) items(menu)[0]?.focus()
}, true)

document.addEventListener('click', event => {
  const item = event.target.closest('.menu [role^="menuitem"]')
  if (item) item.closest('[popover]').hidePopover()
})

document.addEventListener('keydown', event => {
  const menu = event.target.closest?.('.menu[role="menu"]') ?? (event.key.startsWith('Arrow') && openMenuOf(event.target))
  if (!menu) return
  const all = items(menu)
  const now = all.indexOf(document.activeElement)
  const next = { ArrowDown: now + 1, ArrowUp: now < 0 ? all.length - 1 : now - 1, Home: 0, End: all.length - 1 }[event.key]
  if (next !== undefined && all.length) { event.preventDefault(); all[(next + all.length) % all.length].focus() }
  if (event.key === 'Tab') menu.hidePopover()
})

function openMenuOf (button) {
  const menu = button?.popoverTargetElement
  return menu?.matches('.menu[role="menu"]:popover-open') ? menu : null
}

const tip = document.getElementById('tip')
let timer

// data-tip-collapsed: the name of an icon while the sidebar shows icons alone.
function tipOf ({ dataset }) {
  return dataset.tip ?? (document.documentElement.classList.contains('sidebar-collapsed') ? dataset.tipCollapsed : '')
}

function showTip (target) {
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (!target.isConnected || target.getAttribute('aria-expanded') === 'true') return
    const text = tipOf(target)
    if (!text) return
    tip.textContent = text
    tip.showPopover()
    place(tip, target, 'center', 'top')
  }, 350)
}

function hideTip () {
  clearTimeout(timer)
  if (tip?.matches(':popover-open')) tip.hidePopover()
}

if (tip) {
  document.addEventListener('pointerover', event => {
    const target = event.pointerType === 'mouse' && event.target.closest('[data-tip], [data-tip-collapsed]')
    if (target) showTip(target); else hideTip()
  })
  document.addEventListener('focusin', event => { if (event.target.matches('[data-tip]:focus-visible')) showTip(event.target) })
  for (const name of ['focusout', 'pointerdown', 'scroll']) document.addEventListener(name, hideTip, true)
}
