// Voice notes: recorded here, listened to, sent or thrown away. What was recorded is kept for its
// conversation until then, in this page.
import { clock } from '../player.js'
import { toast } from '../toast.js'

const MAX_SECONDS = 300
const QUIET_MS = 3_000
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const REFUSED = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'missing', NotReadableError: 'busy' }
const kept = new Map()
const form = () => document.getElementById('composer-form')
const panel = () => form()?.querySelector('[data-recorder]')
const one = name => panel().querySelector(`[data-record-${name}]`)
const said = key => panel().dataset[key]
let live = null

// --- recording
async function record () {
  if (live) return
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return toast({ tone: 'danger', text: said('unable') })
  live = { draft: form().dataset.draft, parts: [] }
  const mine = live
  try {
    mine.stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  } catch (error) {
    live = null
    if (panel()) toast({ tone: 'danger', text: said(REFUSED[error.name] ?? 'unable') })
    return
  }
  if (form()?.dataset.draft !== mine.draft) return letGo(mine)
  begin(mine)
}

function begin (mine) {
  const type = TYPES.find(name => MediaRecorder.isTypeSupported(name))
  mine.recorder = new MediaRecorder(mine.stream, type ? { mimeType: type } : {})
  mine.recorder.ondataavailable = ({ data }) => { if (data.size) mine.parts.push(data) }
  mine.stopped = new Promise(resolve => { mine.recorder.onstop = resolve })
  // Unplugged, or taken away by the system: what was said so far is kept.
  mine.stream.getAudioTracks()[0].onended = () => finish()
  mine.began = Date.now()
  mine.recorder.start(1_000)
  listen(mine)
  show('live')
  one('stop').focus()
  tell('recording')
}

/** How loud it is, for the eye; and a word when nothing is heard at all. */
function listen (mine) {
  mine.context = new AudioContext()
  const analyser = mine.context.createAnalyser()
  analyser.fftSize = 512
  mine.context.createMediaStreamSource(mine.stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  let heard = Date.now()
  mine.timer = setInterval(() => {
    if (!panel()) return
    analyser.getFloatTimeDomainData(samples)
    const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
    if (level > 0.002) heard = Date.now()
    one('level').style.setProperty('--level', Math.min(1, level * 6).toFixed(2))
    one('time').textContent = clock(secondsOf(mine))
    const isQuiet = Date.now() - heard > QUIET_MS
    if (one('quiet').hidden === isQuiet) one('quiet').hidden = !isQuiet
    if (secondsOf(mine) >= MAX_SECONDS) finish()
  }, 80)
}

const secondsOf = mine => (Date.now() - mine.began) / 1_000

function letGo (mine) {
  clearInterval(mine.timer)
  mine.context?.close()
  for (const track of mine.stream.getTracks()) { track.onended = null; track.stop() }
  if (live === mine) live = null
}

/** End it and keep it; resolves to what was kept, or null. */
async function finish () {
  const mine = live
  if (!mine?.recorder || mine.isEnding) return null
  mine.isEnding = true
  const seconds = secondsOf(mine)
  if (mine.recorder.state !== 'inactive') mine.recorder.stop()
  await mine.stopped
  letGo(mine)
  const type = (mine.recorder.mimeType || 'audio/webm').split(';')[0]
  if (!mine.parts.length) return show('')
  const file = new File(mine.parts, `voice.${type.split('/')[1]}`, { type })
  keepRecording(mine.draft, { file, seconds })
  return kept.get(mine.draft)
}

// --- what was recorded
/** Have it stand in its conversation, now or when that is opened again. */
export function keepRecording (draft, recording) {
  kept.set(draft, recording)
  prepareRecorder()
}

/** Show what is kept for the conversation that is open. */
export function prepareRecorder () {
  if (live && live.draft !== form()?.dataset.draft) finish()
  if (!panel()) return
  const recording = kept.get(form().dataset.draft)
  if (!recording) return show(live?.recorder ? 'live' : '')
  const sound = panel().querySelector('audio')
  if (sound.dataset.of !== recording.file.name + recording.seconds) {
    if (sound.src) URL.revokeObjectURL(sound.src)
    sound.dataset.of = recording.file.name + recording.seconds
    sound.dataset.seconds = recording.seconds
    sound.src = URL.createObjectURL(recording.file)
  }
  show('preview')
}

function show (state) {
  if (!panel()) return null
  if (panel().dataset.state === state) return null
  panel().dataset.state = state
  panel().hidden = !state
  form().toggleAttribute('data-recording', Boolean(state))
  one('quiet').hidden = true
  return null
}

function forget () {
  const { draft } = form().dataset
  const sound = panel().querySelector('audio')
  sound.pause()
  if (sound.src) URL.revokeObjectURL(sound.src)
  sound.removeAttribute('src')
  delete sound.dataset.of
  kept.delete(draft)
  show('')
}

async function discard () {
  if (live?.recorder) { live.isEnding = true; live.recorder.stop(); letGo(live) }
  forget()
  tell('discarded')
  form().elements.text.focus()
}

async function hear () {
  if (!await finish()) return
  tell('ready')
  panel()?.querySelector('[data-play]').focus()
}

async function dispatch (send) {
  const recording = await finish() ?? kept.get(form()?.dataset.draft)
  if (!recording || !panel()) return
  const { draft } = form().dataset
  forget()
  form().elements.text.focus()
  send({ ...recording, draft })
}

function tell (key) {
  const status = one('said')
  if (status) status.textContent = said(key)
}

export function startRecorder (send) {
  document.addEventListener('click', ({ target }) => {
    if (!panel()) return
    if (target.closest('[data-record]')) record()
    if (target.closest('[data-record-stop]')) hear()
    if (target.closest('[data-record-discard]')) discard()
    if (target.closest('[data-record-send]')) dispatch(send)
  })
  // A recording that was not sent yet goes with the page.
  window.addEventListener('beforeunload', event => { if (live?.recorder || kept.size) event.preventDefault() })
}
