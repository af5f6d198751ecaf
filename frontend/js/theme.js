// Runs in the head before the first paint: theme and sidebar as this device last had them.
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')

const stored = key => { try { return localStorage.getItem(key) } catch { return null } }

export function apply () {
  const choice = stored('device:theme') ?? 'system'
  root.dataset.theme = choice
  root.classList.toggle('dark', choice === 'dark' || (choice === 'system' && dark.matches))
  root.classList.toggle('sidebar-collapsed', stored('device:sidebar') === 'collapsed')
}

apply()
dark.addEventListener('change', apply)
window.addEventListener('storage', apply)
root.addEventListener('theme:apply', apply)
