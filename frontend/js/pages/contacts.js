// The list of contacts: walked by arrows, chosen by space, all that match chosen at once; and the
// order of its columns.
const form = () => document.getElementById('bulk')
const boxes = () => [...document.querySelectorAll('#rows input[name="ids"]')]
const links = () => [...document.querySelectorAll('#rows .cell-main a')]
const every = () => form()?.elements.all

function chooseEvery (is) {
  if (!every()) return
  every().value = is ? '1' : ''
  for (const box of boxes()) box.checked = is || box.checked
  show()
}

/** Say how many are chosen; whoever takes one away means no longer all. */
function show () {
  if (!every()) return
  const all = boxes()
  const chosen = all.filter(box => box.checked).length
  if (chosen < all.length) every().value = ''
  const isEvery = every().value === '1'
  form().querySelector('[data-chosen]').textContent = chosen
  form().querySelector('[data-chosen-some]').hidden = isEvery
  form().querySelector('[data-chosen-all]').hidden = !isEvery
  for (const element of form().querySelectorAll('[data-choose-every]')) element.hidden = isEvery
  for (const element of form().querySelectorAll('[data-for-all]')) element.hidden = !isEvery
  const head = document.querySelector('[data-choose-all]')
  if (head) {
    head.checked = chosen > 0 && chosen === all.length
    head.indeterminate = chosen > 0 && chosen < all.length
  }
}

function walk (event) {
  const here = event.target.closest?.('#rows tr')
  if (!here || event.ctrlKey || event.metaKey || event.altKey) return
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const box = here.querySelector('input[name="ids"]')
  if (step) {
    const all = links()
    const next = all[all.indexOf(here.querySelector('.cell-main a')) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
    next.scrollIntoView({ block: 'nearest' })
  } else if (event.key === ' ' && box && event.target.matches('.cell-main a')) {
    event.preventDefault()
    box.click()
  }
}

function moveColumn (button) {
  const item = button.closest('li')
  const other = 'moveUp' in button.dataset ? item.previousElementSibling : item.nextElementSibling
  if (!other) return
  if ('moveUp' in button.dataset) other.before(item)
  else other.after(item)
  button.focus()
}

document.addEventListener('keydown', walk)
document.addEventListener('keydown', event => {
  // From the search field down into the rows.
  if (event.key === 'ArrowDown' && event.target.matches?.('[data-search] input')) links()[0]?.focus()
})
document.addEventListener('change', event => {
  if (event.target.matches('[data-choose-all]')) {
    for (const box of boxes()) box.checked = event.target.checked
  }
  if (event.target.matches('[data-choose-all], #rows input[name="ids"]')) show()
})
document.addEventListener('click', event => {
  if (event.target.closest('[data-choose-every]')) chooseEvery(true)
  if (event.target.closest('[data-choose-none]')) {
    for (const box of boxes()) box.checked = false
    show()
  }
  const move = event.target.closest('[data-move-up], [data-move-down]')
  if (move) moveColumn(move)
})
// Rows that are loaded while all are chosen are chosen too.
document.addEventListener('htmx:after:swap', () => { if (every()?.value === '1') chooseEvery(true); else show() })
show()
