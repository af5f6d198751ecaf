// Private notes: a tab beside the message, by the key n; r goes back to the message.
import { keepDraft, takeUpDraft } from './draft.js'
import { ask } from './server.js'
import { show } from './thread.js'

const form = () => document.getElementById('note-form')

/** The tab that was chosen has the cursor in its field; while a note is written, r means "back". */
function chose (tab) {
  const isNote = tab.id === 'note-tab'
  const back = document.getElementById('composer-tab')
  if (isNote) back.dataset.shortcut = 'r'
  else delete back.dataset.shortcut
  const panel = document.getElementById(isNote ? 'note' : 'composer')
  panel.querySelector('textarea')?.focus()
}

function prepare () {
  if (form()) takeUpDraft(form())
}

async function save () {
  const field = form().elements.text
  const text = field.value.trim()
  if (!text) return field.focus()
  const body = new FormData()
  body.append('text', text)
  field.value = ''
  field.dispatchEvent(new Event('input', { bubbles: true }))
  let response = null
  try {
    response = await ask(form().action, { method: 'POST', body })
  } finally {
    // What was not kept is not lost.
    if (!response && field.isConnected) field.value = [text, field.value].filter(Boolean).join('\n')
    if (field.isConnected) keepDraft(form())
  }
  if (response && field.isConnected) await show(response)
}

export function startNotes () {
  document.addEventListener('submit', event => {
    if (event.target.id !== 'note-form') return
    event.preventDefault()
    save()
  }, true)
  document.addEventListener('input', event => { if (event.target.matches('.note-input')) keepDraft(form()) })
  document.addEventListener('htmx:after:swap', prepare)
  prepare()
  document.addEventListener('click', event => {
    const tab = event.target.closest('.composer-tabs [role="tab"]')
    if (tab) chose(tab)
  })
}
