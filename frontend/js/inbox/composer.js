// Writing: optimistic bubbles, drafts, files, quotes, and the time that is left to write freely.
import { toast } from '../toast.js'
import { keepDraft, takeUpDraft } from './draft.js'
import { keepRecording, prepareRecorder, startRecorder } from './recorder.js'
import { ask, read } from './server.js'
import { hold, release, show } from './thread.js'

const MEGABYTE = 1024 * 1024
// The server looks into the file; this spares an upload that cannot succeed.
const LARGEST = 100 * MEGABYTE
const form = () => document.getElementById('composer-form')
const part = name => document.querySelector(`#composer [data-part="${name}"]`)
const words = (key, values) => part('words').dataset[key].replace(/\{(\w+)\}/g, (_, name) => values[name])
let files = []

function prepare () {
  const isNew = form() && takeUpDraft(form())
  prepareRecorder()
  if (!isNew) return
  files = []
  countDown()
}

// --- files
function addFiles (list) {
  for (const file of list) {
    if (!file.size) toast({ tone: 'danger', text: words('empty', { name: file.name }) })
    else if (file.size > LARGEST) toast({ tone: 'danger', text: words('tooLarge', { name: file.name, size: '100 MB' }) })
    else files.push(file)
  }
  showFiles()
}

function showFiles () {
  const box = form().querySelector('.composer-files')
  box.hidden = !files.length
  box.replaceChildren(...files.map((file, index) => {
    const chip = part('file').content.firstElementChild.cloneNode(true)
    chip.querySelector('[data-name]').textContent = file.name
    chip.querySelector('button').onclick = () => { files.splice(index, 1); showFiles() }
    return chip
  }))
}

// --- quotes
function quote (id) {
  const bubble = id && document.querySelector(`#message-${CSS.escape(id)} .bubble-text`)
  form().elements.reply_to.value = id ?? ''
  const box = form().querySelector('.composer-quote')
  box.hidden = !id
  box.querySelector('[data-quote-text]').textContent = bubble?.textContent.trim().slice(0, 140) ?? ''
  if (id) form().elements.text.focus()
}

// --- sending: one after the other, so that they stand in the order they were written
let line = Promise.resolve()

function sendingBubble (text) {
  const bubble = document.getElementById('sending-bubble').content.firstElementChild.cloneNode(true)
  bubble.querySelector('[data-text]').textContent = text
  document.getElementById('thread').append(bubble)
  document.getElementById('thread').scrollTop = document.getElementById('thread').scrollHeight
  return bubble
}

function submit () {
  const { text, reply_to: quoted } = form().elements
  const messages = files.length
    ? files.map((file, index) => ({ file, text: index ? '' : text.value.trim() }))
    : [{ text: text.value.trim() }]
  if (!files.length && !messages[0].text) return text.focus()
  const url = form().action
  messages.forEach((message, index) => send(url, { ...message, reply_to: index ? '' : quoted.value }))
  text.value = ''
  text.dispatchEvent(new Event('input', { bubbles: true })) // its height and the SMS count follow
  files = []
  showFiles()
  quote(null)
  keepDraft(form())
}

function sendVoice ({ file, seconds, draft }) {
  const quoted = form().elements.reply_to.value
  quote(null)
  send(form().action, { file, voice: '1', reply_to: quoted, recording: { file, seconds, draft } }, words('voice', {}))
}

function send (url, { recording, ...message }, name = message.file?.name) {
  const bubble = sendingBubble([name, message.text].filter(Boolean).join('\n'))
  const body = new FormData()
  for (const [name, value] of Object.entries(message)) if (value) body.append(name, value)
  hold()
  line = line.then(() => deliver(url, body, bubble, { ...message, recording })).finally(release)
}

async function deliver (url, body, bubble, message) {
  let response = null
  try {
    response = await ask(url, { method: 'POST', body })
  } catch {
    toast({ tone: 'danger', text: words('offline', {}) })
  }
  const isHere = bubble.isConnected
  bubble.remove()
  if (!response && message.recording) keepRecording(message.recording.draft, message.recording)
  if (!isHere) return
  if (response) return show(response)
  giveBack(message)
  refresh()
}

function giveBack ({ text, file, recording }) {
  if (!form() || recording) return
  const field = form().elements.text
  field.value = [text, field.value].filter(Boolean).join('\n')
  keepDraft(form())
  if (file) { files.push(file); showFiles() }
}

// What was scheduled is not in the field any more.
function giveAway () {
  if (!form()) return
  form().elements.text.value = ''
  form().elements.text.dispatchEvent(new Event('input', { bubbles: true }))
}

// --- the window
async function refresh () {
  const pane = document.querySelector('[data-conversation]')
  const response = await read(pane.dataset.composerUrl)
  const target = document.getElementById('composer')
  if (!response || !pane.isConnected) return
  const html = await response.text()
  const state = html.match(/data-window="(\w+)"/)?.[1]
  // The same state again would only cost what is being typed.
  if (state === target.querySelector('[data-window]')?.dataset.window) return
  target.innerHTML = html
  window.htmx.process(target)
  prepare()
}

function heardWindow ({ detail: { state, until } }) {
  const box = document.querySelector('#composer [data-window]')
  if (!box) return
  if (until) box.dataset.until = until
  if (box.dataset.window !== state) refresh()
  else countDown()
}

function countDown () {
  const box = document.querySelector('#composer [data-window="open"][data-until]')
  const label = box?.querySelector('[data-countdown]')
  if (!label) return
  const minutes = Math.floor((new Date(box.dataset.until) - Date.now()) / 60_000)
  if (minutes < 0) return refresh()
  const { one, minutes: few, hours: many } = label.dataset
  const text = minutes < 1 ? one : minutes < 60 ? few : many
  label.textContent = text.replace('{h}', Math.floor(minutes / 60)).replace('{m}', minutes < 60 ? minutes : minutes % 60)
}

function startDropping () {
  for (const name of ['dragover', 'dragleave', 'drop']) {
    document.addEventListener(name, event => {
      const zone = event.target.closest?.('[data-drop]')
      if (!zone || !form() || !event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      zone.toggleAttribute('data-over', name === 'dragover')
      if (name === 'drop') addFiles(event.dataTransfer.files)
    })
  }
}

function clicked ({ target }) {
  if (!form()) return
  if (target.closest('[data-attach]')) form().querySelector('[data-files]').click()
  if (target.closest('[data-unquote]')) quote(null)
  const button = target.closest('[data-quote]')
  if (button) quote(button.dataset.quote)
}

export function startComposer () {
  document.addEventListener('submit', event => {
    if (event.target.id !== 'composer-form') return
    event.preventDefault()
    submit()
  }, true)
  document.addEventListener('input', event => { if (event.target.matches('.composer-input')) keepDraft(form()) })
  document.addEventListener('click', clicked)
  document.addEventListener('change', event => {
    if (!event.target.matches('[data-files]')) return
    addFiles(event.target.files)
    event.target.value = ''
  })
  document.addEventListener('paste', event => {
    if (!event.target.matches?.('.composer-input') || !event.clipboardData.files.length) return
    event.preventDefault()
    addFiles(event.clipboardData.files)
  })
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return
    if (event.target.matches?.('.composer-input')) event.target.blur()
    else document.querySelector('#conversation-list > [aria-current]')?.focus()
  })
  document.addEventListener('composer-clear', () => giveAway())
  document.addEventListener('inbox:window', heardWindow)
  document.addEventListener('inbox:composer', refresh)
  document.addEventListener('htmx:after:swap', prepare)
  setInterval(countDown, 20_000)
  startRecorder(sendVoice)
  startDropping()
  prepare()
}
