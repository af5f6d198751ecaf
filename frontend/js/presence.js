// Whether somebody sits in front of this page: told every minute, and at once when they come back.
const EVERY_MS = 60000

let active = !document.hidden
let saidAt = 0
let tell = () => {}

function say () {
  saidAt = Date.now()
  tell(active)
  active = false
}

function touched () {
  active = true
  if (Date.now() - saidAt >= EVERY_MS) say()
}

/** Call `speak(active)` now, every minute, and when somebody comes back. */
export function startPresence (speak) {
  tell = speak
  for (const name of ['pointerdown', 'keydown', 'wheel']) {
    document.addEventListener(name, touched, { passive: true, capture: true })
  }
  document.addEventListener('visibilitychange', () => { if (!document.hidden) touched() })
  setInterval(say, EVERY_MS)
}

/** The line stands anew: say at once that the page is open. */
export const sayPresence = say
