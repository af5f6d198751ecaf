// Forms: busy buttons, the first error in focus, unsaved changes, growing text areas, files, copying.
// icons: check copy
const changed = new WeakSet()
let leaving = false

function focusError (root) {
  const bad = root.querySelector?.('[aria-invalid="true"]:not([type="hidden"])') ?? root.querySelector?.('[data-form-errors]')
  bad?.focus()
}

document.addEventListener('submit', event => {
  if (event.defaultPrevented) return
  const form = event.target
  leaving = true
  changed.delete(form)
  if (form.method === 'dialog' || form.matches('[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete]')) { leaving = false; return }
  const button = event.submitter
  if (form.method === 'post') setTimeout(() => button?.setAttribute('aria-busy', 'true'))
})
// A page from the back-forward cache must not come back busy.
window.addEventListener('pageshow', event => {
  leaving = false
  if (event.persisted) document.querySelectorAll('button[aria-busy]').forEach(button => button.removeAttribute('aria-busy'))
})

document.addEventListener('input', event => {
  const form = event.target.closest?.('form[data-guard]')
  if (form) changed.add(form)
})
window.addEventListener('beforeunload', event => {
  if (!leaving && [...document.querySelectorAll('form[data-guard]')].some(form => changed.has(form))) event.preventDefault()
})

// What somebody mends is not called wrong any longer, neither beside it nor in the summary above.
function forgive (event) {
  const field = event.target.closest?.('[data-invalid="true"]')
  const form = event.target.form ?? event.target.closest?.('form')
  if (!field || !form) return
  const said = field.querySelector('[role="alert"]') ?? field.parentElement.querySelector(':scope > [role="alert"]')
  said?.remove()
  delete field.dataset.invalid
  for (const bad of field.querySelectorAll('[aria-invalid]')) bad.removeAttribute('aria-invalid')
  form.querySelector('[data-form-errors]')?.remove()
}
document.addEventListener('input', forgive)
document.addEventListener('change', forgive)

document.addEventListener('change', event => {
  const form = event.target.closest?.('[data-auto-submit]')
  if (form) form.requestSubmit()
})
// A search field is no form to send: Enter asks at once, the page stays.
document.addEventListener('submit', event => {
  const field = event.target.matches('[data-search]') && event.target.querySelector('[hx-get]')
  if (field) { event.preventDefault(); window.htmx.trigger(field, 'search') }
}, true)

// field-sizing does this in Chromium; the others need a hand.
const grows = CSS.supports('field-sizing', 'content')
function autosize (area) { area.style.height = 'auto'; area.style.height = `${area.scrollHeight}px` }
if (!grows) {
  document.addEventListener('input', event => { if (event.target.matches?.('textarea[data-autosize]')) autosize(event.target) })
}

document.addEventListener('keydown', event => {
  const area = event.target.closest?.('[data-submit-on]')
  if (!area || event.key !== 'Enter' || event.isComposing) return
  const wanted = area.dataset.submitOn === 'enter' ? !event.shiftKey : event.ctrlKey || event.metaKey
  if (wanted) { event.preventDefault(); area.form?.requestSubmit() }
})

function named (input) {
  const label = input.closest('[data-file-drop]').querySelector('[data-file-name]')
  label.textContent = [...input.files].map(file => file.name).join(', ') || label.textContent
}
document.addEventListener('change', event => { if (event.target.matches?.('[data-file-drop] input')) named(event.target) })
for (const [name, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  document.addEventListener(name, event => {
    const zone = event.target.closest?.('[data-file-drop]')
    if (!zone) return
    event.preventDefault()
    zone.toggleAttribute('data-over', over)
    if (name !== 'drop') return
    const input = zone.querySelector('input')
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
}

document.addEventListener('click', async event => {
  const copy = event.target.closest('[data-copy]')
  if (copy) {
    const source = copy.parentElement.closest('.copy-field, .code-block').querySelector('[data-copy-source]')
    await navigator.clipboard.writeText(source.value ?? source.textContent)
    copy.querySelector('use').setAttribute('href', `${document.body.dataset.icons}#check`)
    document.getElementById('announce').textContent = copy.dataset.done
    setTimeout(() => copy.querySelector('use').setAttribute('href', `${document.body.dataset.icons}#copy`), 1500)
  }
  const reveal = event.target.closest('[data-reveal]')
  if (reveal) {
    const input = reveal.closest('.copy-field, .input-group').querySelector('input')
    input.type = input.type === 'password' ? 'text' : 'password'
    reveal.setAttribute('aria-pressed', String(input.type === 'text'))
  }
  event.target.closest('[data-dismiss]')?.closest('.alert, .banner').remove()
  const row = event.target.closest('tr[data-href]')
  if (row && !event.target.closest('a, button, input, label, select, textarea, [popover]')) {
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, '_blank', 'noopener'); else location.assign(row.dataset.href)
  }
})

document.addEventListener('htmx:after:swap', event => {
  const { response, target, sourceElement } = event.detail.ctx
  // An outerHTML swap leaves the old target behind; the source is then what came instead.
  if (response?.status === 422) focusError([target, sourceElement].find(element => element?.isConnected) ?? document)
})
focusError(document)
