// The time left for answers that are promised goes on while the page stands still.
const TICK_MS = 20_000
const SOON_MINUTES = 15

function tick () {
  for (const badge of document.querySelectorAll('[data-due-at]')) {
    const left = new Date(badge.dataset.dueAt) - Date.now()
    const minutes = Math.floor(Math.abs(left) / 60_000)
    const pattern = left > 0 ? badge.dataset.left : badge.dataset.late
    badge.querySelector('[data-time]').textContent = pattern.replace('{time}', short(minutes))
    badge.dataset.tone = left <= 0 ? 'danger' : left <= SOON_MINUTES * 60_000 ? 'warning' : 'neutral'
  }
}

/** As conversations.deadlines says it: never less than a minute. */
function short (full) {
  const minutes = Math.max(1, full)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function startDeadlines () {
  setInterval(tick, TICK_MS)
}
