// Choices of this device (theme, sidebar). They name no person and no company, so they outlive the
// sign-out that wipes everything else a browser keeps for us.
const PREFIX = 'device:'

export function remember (key, value) {
  try { localStorage.setItem(PREFIX + key, value) } catch { /* private mode: the choice lasts for this page */ }
  document.documentElement.dispatchEvent(new CustomEvent('theme:apply'))
}

function wipe () {
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) if (!key.startsWith(PREFIX)) store.removeItem(key)
  }
}

function markTheme () {
  const theme = document.documentElement.dataset.theme
  for (const button of document.querySelectorAll('[data-set-theme]')) {
    button.setAttribute(button.hasAttribute('role') ? 'aria-checked' : 'aria-pressed', String(button.dataset.setTheme === theme))
  }
}

document.addEventListener('click', event => {
  const theme = event.target.closest('[data-set-theme]')
  if (theme) { remember('theme', theme.dataset.setTheme); markTheme() }
  if (event.target.closest('[data-toggle-sidebar]')) {
    const collapsed = document.documentElement.classList.contains('sidebar-collapsed')
    remember('sidebar', collapsed ? 'open' : 'collapsed')
  }
})
document.addEventListener('submit', event => { if (event.target.matches('[data-sign-out]')) wipe() })
markTheme()
