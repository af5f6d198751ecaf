// In-page tabs: arrows move, the panel follows (WAI-ARIA tabs with automatic activation).
function select (tab) {
  for (const other of tab.closest('[data-tabs]').querySelectorAll('[role="tab"]')) {
    const on = other === tab
    other.setAttribute('aria-selected', String(on))
    other.tabIndex = on ? 0 : -1
    document.getElementById(other.getAttribute('aria-controls')).hidden = !on
  }
}

document.addEventListener('click', event => {
  const tab = event.target.closest('[data-tabs] [role="tab"]')
  if (tab) select(tab)
})
document.addEventListener('keydown', event => {
  const tab = event.target.closest?.('[data-tabs] [role="tab"]')
  if (!tab) return
  const all = [...tab.closest('[data-tabs]').querySelectorAll('[role="tab"]')]
  const now = all.indexOf(tab)
  const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all.length - 1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  const chosen = all[(next + all.length) % all.length]
  select(chosen)
  chosen.focus()
})
