// The session token stays in the browser that asked for the code, for ten minutes at most: the link in the text may open another tab of it.
const kept = 'password-reset'
const find = (id) => document.getElementById(id)

const remember = (session) => localStorage.setItem(kept, JSON.stringify({ session, until: Date.now() + 600_000 }))

function remembered() {
  const { session, until } = JSON.parse(localStorage.getItem(kept) ?? '{}')
  return until > Date.now() ? session : ''
}

/** The code was spent, but not in vain: with this token another password may be tried, or the authenticator's code added. */
let token

async function post(path, body) {
  const response = await fetch(`/api/auth/password/${path}/`, {
    method: 'POST',
    // The page has one language, whatever the browser prefers.
    headers: { 'content-type': 'application/json', 'accept-language': document.documentElement.lang },
    body: JSON.stringify(body),
  })
  const { message, data } = await response.json()
  find('said').textContent = [message, ...Object.values(data).flatMap((said) => (Array.isArray(said) ? said : []))].join(' ')
  return { ok: response.ok, data }
}

const onSubmit = (id, act) =>
  find(id).addEventListener('submit', async (event) => {
    event.preventDefault()
    const { submitter } = event
    // One at a time: a second code would be refused in silence.
    submitter.disabled = true
    await act(Object.fromEntries(new FormData(event.target))).finally(() => {
      submitter.disabled = false
    })
  })

onSubmit('forgot', async ({ phone }) => {
  const { ok, data } = await post('forgot', { phone })
  if (!ok) return
  token = undefined
  remember(data.session_token)
  find('code').focus()
})

onSubmit('confirm', async ({ code, totp, ...password }) => {
  const proof = token === undefined ? { session_token: remembered(), code } : { token }
  const { ok, data } = await post('reset/confirm', { ...proof, ...password, ...(totp !== '' && { totp }) })
  token = data.token ?? token
  if (data.totp_required) find('totp_field').hidden = false
  if (!ok) return
  localStorage.removeItem(kept)
  find('confirm').reset()
})

find('resend').addEventListener('click', async () => {
  const { ok, data } = await post('reset/resend', { session_token: remembered() })
  if (ok) remember(data.session_token)
})
