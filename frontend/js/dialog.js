// Dialogs and sheets: data-open="#id", data-close, a click beside them; and the confirm dialog that
// answers hx-confirm, <form data-confirm> and a submit button's own data-confirm.
const close = dialog => {
  if (!dialog.matches('.drawer') || matchMedia('(prefers-reduced-motion: reduce)').matches) return dialog.close()
  dialog.dataset.closing = ''
  setTimeout(() => { delete dialog.dataset.closing; dialog.close() }, 200)
}

document.addEventListener('click', event => {
  const trigger = event.target.closest('[data-open]')
  if (trigger) document.querySelector(trigger.dataset.open)?.showModal()
  if (event.target.closest('[data-close]')) {
    const dialog = event.target.closest('dialog')
    if (dialog) close(dialog)
  }
  if (event.target.matches('dialog')) close(event.target)
})
document.addEventListener('dialog-close', () => document.querySelectorAll('dialog[open]').forEach(close))

const confirmBox = document.getElementById('confirm')

/** Ask in the confirm dialog; resolves to whether the person agreed. */
export function confirm (question, { confirmTitle, confirmAction, confirmTone, confirmTyped } = {}) {
  const part = name => confirmBox.querySelector(`[data-part="${name}"]`)
  const yes = part('yes')
  part('title').textContent = confirmTitle ?? confirmBox.dataset.title
  part('question').textContent = question
  yes.textContent = confirmAction ?? confirmBox.dataset.action
  yes.dataset.variant = confirmTone === 'danger' ? 'destructive' : 'primary'
  part('typed').hidden = !confirmTyped
  part('expected').textContent = confirmTyped ?? ''
  const input = part('input')
  input.value = ''
  const check = () => { yes.disabled = Boolean(confirmTyped) && input.value.trim() !== confirmTyped }
  input.oninput = check
  check()
  confirmBox.returnValue = 'no'
  confirmBox.showModal()
  ;(confirmTyped ? input : yes).focus()
  return new Promise(resolve => confirmBox.addEventListener('close', () => resolve(confirmBox.returnValue === 'yes'), { once: true }))
}

document.addEventListener('htmx:confirm', async event => {
  const { ctx, issueRequest, dropRequest } = event.detail
  if (!ctx.confirm || !confirmBox) return
  event.preventDefault()
  if (await confirm(ctx.confirm, ctx.sourceElement.dataset)) issueRequest(); else dropRequest()
})

document.addEventListener('submit', async event => {
  const form = event.target
  const { submitter } = event
  const asking = submitter?.matches('[data-confirm]') ? submitter : form
  if (!asking.matches('[data-confirm]') || form.dataset.confirmed || !confirmBox) return
  event.preventDefault()
  if (!await confirm(asking.dataset.confirm, asking.dataset)) return
  form.dataset.confirmed = 'yes'
  form.requestSubmit(submitter)
  delete form.dataset.confirmed
}, true)
