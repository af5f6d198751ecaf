// The inbox: a list, a thread and a composer that tell each other little.
import { startComposer } from '../inbox/composer.js'
import { startDeadlines } from '../inbox/deadlines.js'
import { startList } from '../inbox/list.js'
import { startNotes } from '../inbox/note.js'
import { startSuggestions } from '../inbox/suggest.js'
import { startThread } from '../inbox/thread.js'
import { startTyping } from '../inbox/typing.js'

const isConversation = detail => detail.ctx?.target?.id === 'conversation'
const put = id => document.getElementById('conversation').replaceChildren(document.getElementById(id).content.cloneNode(true))

document.addEventListener('htmx:before:request', ({ detail }) => { if (isConversation(detail)) put('conversation-loading') })
document.addEventListener('htmx:error', ({ detail }) => { if (isConversation(detail)) put('conversation-failed') })
document.addEventListener('click', event => { if (event.target.closest('[data-reload]')) location.reload() })

startThread()
startComposer()
startNotes()
startSuggestions()
startTyping()
startList()
startDeadlines()
