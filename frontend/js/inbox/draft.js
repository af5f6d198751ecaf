// What was typed and not sent yet: in this tab alone, by conversation.

export function keepDraft (form) {
  const { value } = form.elements.text
  if (value) sessionStorage.setItem(form.dataset.draft, value)
  else sessionStorage.removeItem(form.dataset.draft)
}

/** Give a form that just came its draft back; false where it has it already. */
export function takeUpDraft (form) {
  if ('ready' in form.dataset) return false
  form.dataset.ready = ''
  const { text } = form.elements
  text.value = sessionStorage.getItem(form.dataset.draft) ?? ''
  return true
}
