// Shortcuts and the palette. Single keys work outside fields only and show themselves under `?`.
//   data-shortcut="n" on anything clickable, data-go="i" on a navigation link (g then i).
const palette = document.getElementById('palette')
const help = document.getElementById('shortcuts')
let going = false

const typing = target => target.isContentEditable || target.matches('input, textarea, select')
const visible = element => element.checkVisibility?.() ?? true
const byKey = (attribute, key) => [...document.querySelectorAll(`[${attribute}="${CSS.escape(key)}"]`)].find(visible)

document.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    return palette?.open ? palette.close() : openPalette()
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return
  if (going) {
    going = false
    const link = byKey('data-go', event.key)
    if (link) { event.preventDefault(); link.click() }
    return
  }
  if (event.key === 'g') { going = true; setTimeout(() => { going = false }, 1200); return }
  if (event.key === '?' && help) { fillHelp(); help.showModal(); return }
  if (event.key === '/') {
    const field = [...document.querySelectorAll('[data-search] input')].find(visible)
    if (field) { event.preventDefault(); field.focus(); field.select() }
    return
  }
  const target = byKey('data-shortcut', event.key)
  if (target) { event.preventDefault(); target.matches('input, textarea') ? target.focus() : target.click() }
})

function fillHelp () {
  const list = help.querySelector('[data-part="keys"]')
  const row = (keys, label) => {
    const line = list.ownerDocument.createElement('div')
    line.className = 'flex items-center justify-between gap-4 py-1'
    const name = document.createElement('span')
    name.textContent = label
    const shown = document.createElement('kbd')
    shown.className = 'kbd'
    shown.textContent = keys
    line.append(name, shown)
    return line
  }
  const label = element => (element.dataset.shortcutLabel ?? element.getAttribute('aria-label') ?? (element.querySelector('.nav-label') ?? element).textContent).trim()
  const seen = new Set()
  const own = [...document.querySelectorAll('[data-shortcut], [data-go]')].filter(element => {
    const keys = element.dataset.go ? `g ${element.dataset.go}` : element.dataset.shortcut
    return !seen.has(keys) && seen.add(keys)
  })
  list.replaceChildren(...own.map(element => row(element.dataset.go ? `g ${element.dataset.go}` : element.dataset.shortcut, label(element))))
}

function openPalette () {
  if (!palette) return
  palette.showModal()
  input.value = ''
  filter()
}

const input = palette?.querySelector('input')
const options = () => [...palette.querySelectorAll('[role="option"]:not([hidden])')]

const plain = text => text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')

function filter () {
  const words = plain(input.value).split(/\s+/).filter(Boolean)
  for (const option of palette.querySelectorAll('[data-local] [role="option"]')) {
    const text = plain(option.textContent)
    option.hidden = !words.every(word => text.includes(word))
  }
  if (!words.length) palette.querySelector('[data-part="found"]')?.replaceChildren()
  mark(options()[0])
}

function mark (option) {
  for (const other of palette.querySelectorAll('[aria-selected="true"]')) other.setAttribute('aria-selected', 'false')
  option?.setAttribute('aria-selected', 'true')
  option?.scrollIntoView({ block: 'nearest' })
  if (option) { option.id ||= `palette-${options().indexOf(option)}`; input.setAttribute('aria-activedescendant', option.id) } else input.removeAttribute('aria-activedescendant')
  palette.querySelector('[data-part="none"]').hidden = options().length > 0
}

if (palette) {
  input.addEventListener('input', filter)
  palette.addEventListener('keydown', event => {
    const all = options()
    const now = all.findIndex(option => option.getAttribute('aria-selected') === 'true')
    if (event.key === 'Enter') { event.preventDefault(); all[now]?.click() }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      mark(all[(now + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length])
    }
  })
  palette.addEventListener('htmx:after:swap', () => mark(options()[0]))
  document.addEventListener('click', event => {
    if (event.target.closest('[data-palette]')) openPalette()
    else if (event.target.closest('#palette [role="option"]')) palette.close()
  })
}
