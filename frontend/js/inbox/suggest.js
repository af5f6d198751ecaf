// Suggestions behind a sign while typing: `/` for canned replies, `@` for colleagues. The field keeps
// the focus (aria-activedescendant): arrows choose, Enter or Tab takes, Escape closes.
import { read } from './server.js'

const WAIT_MS = 120
const box = () => document.getElementById('suggestions')
const options = () => [...box().querySelectorAll('[data-insert]')]
const chosen = () => box().querySelector('[aria-selected="true"]')
let field = null
let timer = null
let asked = 0
let taken = null

/** What stands between the sign and the caret, or null where no sign opens a word there. */
function typed (input) {
  const sign = input.dataset.suggest
  const before = input.value.slice(0, input.selectionStart)
  const start = before.lastIndexOf(sign)
  if (start < 0 || (start && !/\s/.test(before[start - 1]))) return null
  // What was chosen is finished: what follows it is a sentence, and Enter sends it.
  if (taken?.start === start && before.startsWith(taken.words, start)) return null
  const text = before.slice(start + 1)
  return /\n|\s\s|^\s/.test(text) || text.length > 40 ? null : { start, text }
}

async function look () {
  const input = field
  const found = input && typed(input)
  if (!found) return close()
  const url = new URL(input.dataset.suggestUrl, location.href)
  url.searchParams.set('q', found.text)
  asked += 1
  const mine = asked
  const response = await read(url)
  if (!response || mine !== asked || input !== document.activeElement) return
  const html = await response.text()
  // An answer about words that were typed on since would be offered for the wrong ones.
  if (mine !== asked || typed(input)?.text !== found.text) return
  box().innerHTML = html
  // A word that finds nothing is only a word with a sign before it.
  if (!options().length && found.text) return close()
  box().hidden = false
  mark(options()[0])
}

function mark (option) {
  for (const other of options()) other.setAttribute('aria-selected', String(other === option))
  option?.scrollIntoView({ block: 'nearest' })
  if (option) field.setAttribute('aria-activedescendant', option.id)
}

function close () {
  asked += 1
  if (!box() || box().hidden) return
  box().hidden = true
  field?.removeAttribute('aria-activedescendant')
}

function take (option) {
  const found = typed(field)
  if (!found) return close()
  taken = { start: found.start, words: option.dataset.insert }
  field.setRangeText(taken.words, found.start, field.selectionStart, 'end')
  close()
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.focus()
}

function pressed (event) {
  if (!box() || box().hidden || event.target !== field) return
  const all = options()
  const now = all.indexOf(chosen())
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    mark(all[(now + (event.key === 'ArrowDown' ? 1 : -1) + all.length) % all.length])
  } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen()) {
    take(chosen())
  } else if (event.key === 'Escape') {
    close()
  } else return
  event.preventDefault()
  event.stopImmediatePropagation()
}

export function startSuggestions () {
  document.addEventListener('input', ({ target }) => {
    if (!target.matches?.('[data-suggest]')) return
    if (field !== target) taken = null
    field = target
    clearTimeout(timer)
    timer = setTimeout(look, WAIT_MS)
  })
  document.addEventListener('keydown', pressed, true)
  document.addEventListener('focusout', ({ target }) => { if (target === field) setTimeout(close, 150) })
  document.addEventListener('mousedown', event => {
    const option = event.target.closest('#suggestions [data-insert]')
    if (!option) return
    event.preventDefault()
    take(option)
  })
}
