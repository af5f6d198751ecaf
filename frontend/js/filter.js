// A list that a search field beside it narrows: `<input data-filter-list="#list">` hides each
// [data-filter-item] that lacks one of the words, and groups of which nothing is left.
const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

document.addEventListener('input', event => {
  const list = event.target.dataset?.filterList && document.querySelector(event.target.dataset.filterList)
  if (!list) return
  const words = plain(event.target.value).split(/\s+/).filter(Boolean)
  for (const item of list.querySelectorAll('[data-filter-item]')) {
    const text = plain(item.textContent)
    item.hidden = !words.every(word => text.includes(word))
  }
  for (const group of list.querySelectorAll('[data-filter-group]')) {
    group.hidden = !group.querySelector('[data-filter-item]:not([hidden])')
  }
})
// Enter in it would send the form around it.
document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && event.target.dataset?.filterList) event.preventDefault()
})
