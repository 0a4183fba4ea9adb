// Opening the page does nothing: a person presses the button. What stands behind the # was never sent to anybody before.
const form = document.querySelector('form')
const said = document.querySelector('[role=status]')
form.elements.token.value = location.hash.slice(1)

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const body = JSON.stringify({ token: form.elements.token.value.trim() })
  const headers = { 'content-type': 'application/json', 'accept-language': document.documentElement.lang }
  const reply = await fetch(form.action, { method: 'POST', headers, body })
    .then((response) => response.json())
    .catch(() => ({ message: form.dataset.failed }))
  said.textContent = reply.message
})
