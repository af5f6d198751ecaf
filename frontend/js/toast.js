// Toasts: text only (names of contacts come in here), 5 s, paused while pointed at; errors stay.
// From the server: Django messages in the page, or `HX-Trigger: {"toast": {tone, title, text, url, action}}`;
// `level` (Django's word: error) may stand for `tone`.
// icons: circle-check info triangle-alert circle-alert x
import { icon } from './icon.js'

const ICONS = { success: 'circle-check', info: 'info', warning: 'triangle-alert', danger: 'circle-alert' }
const TONE_OF_LEVEL = { error: 'danger', debug: 'info' }
const SHOWN_MS = 5000
const box = document.getElementById('toasts')

function element (tag, className, text) {
  const made = document.createElement(tag)
  made.className = className
  made.textContent = text ?? ''
  return made
}

function button (label, variant, onClick) {
  const made = element('button', 'btn', label)
  Object.assign(made, { type: 'button', onclick: onClick })
  Object.assign(made.dataset, { variant, size: 'xs' })
  return made
}

function leave (card) {
  card.dataset.leaving = ''
  setTimeout(() => { card.remove(); if (!box.childElementCount) box.hidePopover?.() }, 200)
}

function expire (card) {
  let timer
  const start = () => { timer = setTimeout(() => leave(card), SHOWN_MS) }
  const stop = () => clearTimeout(timer)
  card.addEventListener('pointerenter', stop)
  card.addEventListener('pointerleave', start)
  card.addEventListener('focusin', stop)
  card.addEventListener('focusout', start)
  start()
}

/** Show a toast. `url` is POSTed when the action button (say Undo) is pressed. */
export function toast ({ level = 'success', tone = TONE_OF_LEVEL[level] ?? level, title, text, url, action }) {
  if (!box) return
  const card = element('div', 'toast-card')
  card.dataset.tone = tone
  card.setAttribute('role', tone === 'danger' ? 'alert' : 'status')
  const body = element('div', 'toast-body')
  if (title) body.append(element('p', 'toast-title', title))
  if (text) body.append(element('p', title ? 'toast-text' : 'toast-title', text))
  card.append(icon(ICONS[tone] ?? 'info'), body)
  if (url && action) {
    card.append(button(action, 'outline', () => { window.htmx.ajax('POST', url, { swap: 'none', source: document.body }); leave(card) }))
  }
  const close = button('', 'ghost', () => leave(card))
  close.dataset.size = 'icon-xs'
  close.setAttribute('aria-label', box.dataset.close)
  close.append(icon('x'))
  card.append(close)
  box.append(card)
  // The top layer is a stack: shown again, the toasts stand above a dialog opened since.
  if (box.matches(':popover-open')) box.hidePopover()
  box.showPopover?.()
  if (tone !== 'danger') expire(card)
}

function showMessages (root) {
  for (const message of root.querySelectorAll('[data-toast-text]')) {
    toast({ tone: message.dataset.tone, title: message.dataset.toastTitle, text: message.dataset.toastText })
    message.remove()
  }
}

document.addEventListener('toast', event => toast(event.detail))
document.addEventListener('htmx:after:swap', () => showMessages(document))
showMessages(document)
