// Playing sound: play and pause, seek with the arrows, 1, 1.5 or 2 times as fast; one at a time.
import { toast } from './toast.js'

const SPEEDS = [1, 1.5, 2]
const STEP_SECONDS = 2
const playerOf = element => element.closest?.('[data-player]')
const soundOf = player => player.querySelector('audio')
let speed = 1

export const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

/** What a browser just recorded does not know how long it is; whoever recorded it does. */
const lengthOf = sound => Number.isFinite(sound.duration) ? sound.duration : Number(sound.dataset.seconds) || 0

function show (sound) {
  const player = playerOf(sound)
  if (!player) return
  const all = lengthOf(sound)
  const seek = player.querySelector('[data-seek]')
  seek.max = all || 1
  seek.value = sound.currentTime
  seek.style.setProperty('--played', `${all ? 100 * sound.currentTime / all : 0}%`)
  seek.setAttribute('aria-valuetext', seek.dataset.of.replace('{now}', clock(sound.currentTime)).replace('{all}', clock(all)))
  player.querySelector('[data-time]').textContent = clock(sound.currentTime && !sound.ended ? sound.currentTime : all)
  const button = player.querySelector('[data-play]')
  player.toggleAttribute('data-playing', !sound.paused)
  button.setAttribute('aria-label', sound.paused ? button.dataset.labelPlay : button.dataset.labelPause)
  showSpeed(player)
}

function showSpeed (player) {
  const button = player.querySelector('[data-speed]')
  const label = `${speed.toLocaleString(document.documentElement.lang)}×`
  if (button.textContent === label) return
  button.setAttribute('aria-label', button.getAttribute('aria-label').replace(/\S+$/, label))
  button.textContent = label
}

async function toggle (sound) {
  if (!sound.paused) return sound.pause()
  for (const other of document.querySelectorAll('[data-player] audio')) if (other !== sound) other.pause()
  sound.playbackRate = speed
  try {
    await sound.play()
  } catch (error) {
    // Pausing at once, or leaving, is no failure.
    if (error.name !== 'AbortError') toast({ tone: 'danger', text: sound.dataset.failed })
  }
}

function faster () {
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]
  for (const player of document.querySelectorAll('[data-player]')) {
    soundOf(player).playbackRate = speed
    showSpeed(player)
  }
}

function seekTo (sound, seconds) {
  sound.currentTime = Math.min(lengthOf(sound), Math.max(0, seconds))
  show(sound)
}

// Events of media do not bubble; on their way down they pass here.
for (const name of ['loadedmetadata', 'durationchange', 'timeupdate', 'play', 'pause', 'ended']) {
  document.addEventListener(name, ({ target }) => { if (playerOf(target)) show(target) }, true)
}
document.addEventListener('click', ({ target }) => {
  const player = playerOf(target)
  if (!player) return
  if (target.closest('[data-play]')) toggle(soundOf(player))
  if (target.closest('[data-speed]')) faster()
})
document.addEventListener('input', ({ target }) => {
  if (target.matches?.('[data-player] [data-seek]')) seekTo(soundOf(playerOf(target)), Number(target.value))
})
document.addEventListener('keydown', event => {
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
  if (!step || !event.target.matches?.('[data-player] [data-seek]')) return
  event.preventDefault()
  const sound = soundOf(playerOf(event.target))
  seekTo(sound, sound.currentTime + step * STEP_SECONDS)
})
