// Scrollers that load upwards keep what is read in place; those with data-stick-bottom stay at the end;
// bars of tabs show the chosen one.
const scrollerOf = element => { let up = element; while (up && !/auto|scroll/.test(getComputedStyle(up).overflowY)) up = up.parentElement; return up ?? document.scrollingElement }
const NEAR_PX = 120

document.addEventListener('htmx:before:swap', event => {
  const { ctx } = event.detail
  const source = ctx.sourceElement
  if (!source?.matches?.('[data-keep-scroll]')) return
  const scroller = scrollerOf(source.parentElement)
  ctx.keepScroll = { scroller, fromEnd: scroller.scrollHeight - scroller.scrollTop }
})
document.addEventListener('htmx:after:swap', event => {
  const kept = event.detail.ctx?.keepScroll
  if (kept) kept.scroller.scrollTop = kept.scroller.scrollHeight - kept.fromEnd
})

// On a phone the chosen tab may lie beyond the edge.
function showChosen () {
  for (const tab of document.querySelectorAll('.tab-bar [aria-current], .settings-nav [aria-current]')) {
    const bar = tab.parentElement
    if (bar.scrollWidth > bar.clientWidth) bar.scrollLeft = tab.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2
  }
}
showChosen()

const atEnd = new WeakMap()

function stick (box) {
  if (atEnd.has(box)) return
  // Where one item was asked for, whoever asked takes the reader there.
  const isFree = 'target' in box.dataset
  atEnd.set(box, !isFree)
  if (!isFree) box.scrollTop = box.scrollHeight
  box.addEventListener('scroll', () => atEnd.set(box, box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX), { passive: true })
  // The end of what is loaded is not the end while there is more to come.
  const follow = () => { if (atEnd.get(box) && !box.querySelector(':scope > [data-newer]')) box.scrollTop = box.scrollHeight }
  new MutationObserver(follow).observe(box, { childList: true, subtree: true })
  // Pictures grow after they arrive.
  box.addEventListener('load', follow, true)
}

const stickAll = () => document.querySelectorAll('[data-stick-bottom]').forEach(stick)
document.addEventListener('htmx:after:swap', stickAll)
stickAll()
