// The gallery's own button: a toast with hostile text, which must show as text.
import { toast } from '../toast.js'

document.querySelector('[data-gallery-toast]').addEventListener('click', () => {
  toast({ title: 'Campaign resumed', text: '3.105 contacts wait · 40 messages a minute · <b>text</b>', url: '#undo', action: 'Undo' })
})
