// The form, step by step: a phone and a box, a code, done. Nothing is kept in the browser.

const form = (id) => document.getElementById(id)
const status = document.getElementById('status')
const { version } = form('subscribe').dataset
let sessionToken

async function post(path, body) {
  const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const answer = await response.json()
  status.textContent = [
    answer.message,
    ...Object.values(answer.status === 'error' ? answer.data : {})
      .filter(Array.isArray)
      .flat(),
  ].join(' ')
  if (!response.ok) return undefined
  sessionToken = answer.data.session_token ?? sessionToken
  return answer.data
}

const on = (id, event, act) =>
  form(id).addEventListener(event, (happened) => {
    happened.preventDefault()
    act(new FormData(happened.currentTarget instanceof HTMLFormElement ? happened.currentTarget : undefined)).catch(() => {
      status.textContent = status.dataset.away
    })
  })

on('subscribe', 'submit', async (data) => {
  const sent = await post('/api/subscribe', {
    phone: data.get('phone'),
    preferences: { programs: data.getAll('program'), time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    consent: data.get('consent') === 'yes',
    disclosure_version: version,
  })
  if (!sent) return
  form('confirm').hidden = false
  form('code').focus()
})

on('again', 'click', () => post('/api/subscribe/resend', { session_token: sessionToken }))

on('confirm', 'submit', async (data) => {
  if (!(await post('/api/confirm', { session_token: sessionToken, code: data.get('code') }))) return
  form('subscribe').hidden = true
  form('confirm').hidden = true
})

on('unsubscribe', 'submit', (data) => post('/api/unsubscribe', { phone: data.get('phone') }))
