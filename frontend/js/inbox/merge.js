// Keeps a list of keyed items ([id][data-order]) equal to what the server says, one item at a time:
// what is read stays in place, and fetching the same thing twice changes nothing.

/** Elements of a fragment. */
export function parse (html) {
  const template = document.createElement('template')
  template.innerHTML = html
  return [...template.content.children]
}

const items = box => [...box.children].filter(element => element.dataset.order)

/** A tick that changes must not stop what is being listened to: the player moves over as it is. */
function replace (known, item) {
  const player = known.querySelector('[data-player]')
  const other = item.querySelector('[data-player]')
  known.after(item)
  if (player && other && player.querySelector('audio').src === other.querySelector('audio').src) other.replaceWith(player)
  known.remove()
}

/** Put each item in its place by data-order, in the place of the one with its id if there is one. */
export function merge (box, fresh, { descending = false } = {}) {
  const before = descending ? (one, other) => one > other : (one, other) => one < other
  for (const item of fresh.filter(element => element.dataset.order)) {
    const known = document.getElementById(item.id)
    if (known && known.dataset.order === item.dataset.order) {
      if (known.outerHTML !== item.outerHTML) replace(known, item)
    } else {
      known?.remove()
      const next = items(box).find(other => before(item.dataset.order, other.dataset.order))
      if (next) next.before(item)
      else if (items(box).length) items(box).at(-1).after(item)
      else box.append(item)
    }
    box.querySelector(':scope > [data-none]')?.remove()
    window.htmx.process(item)
  }
}

/** Remove items that the first page of a list should hold but does not any more. */
export function prune (box, fresh, keep, { descending = true } = {}) {
  const ids = new Set(fresh.map(element => element.id))
  const last = fresh.filter(element => element.dataset.order).at(-1)?.dataset.order
  const isWhole = !fresh.some(element => element.matches('.more'))
  for (const item of items(box)) {
    const isOfPage = isWhole || (descending ? item.dataset.order >= last : item.dataset.order <= last)
    if (isOfPage && !ids.has(item.id) && !keep(item)) item.remove()
  }
}
