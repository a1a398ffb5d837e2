// Asks the browser for a passkey and sends its answer as a form. Loaded when a button is
// pressed.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const known = (ids) => ids.map((id) => ({ type: 'public-key', id: bytes(id) }));

function make(asked) {
  const { challenge, rp, user, name, display, ids } = asked;
  return navigator.credentials.create({ publicKey: {
    challenge: bytes(challenge),
    rp: { id: rp, name: 'The Gap' },
    user: { id: bytes(user), name, displayName: display },
    pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    excludeCredentials: known(ids),
    attestation: 'none',
    timeout: 300000,
  } });
}

function use({ challenge, rp, ids }) {
  return navigator.credentials.get({ publicKey: {
    challenge: bytes(challenge),
    rpId: rp,
    allowCredentials: known(ids),
    userVerification: 'preferred',
    timeout: 300000,
  } });
}

// RegistrationResponseJSON and AuthenticationResponseJSON of the WebAuthn standard.
function told({ id, response }) {
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
  return JSON.stringify({ id, response: {
    clientDataJSON: text(clientDataJSON),
    attestationObject: text(attestationObject) || undefined,
    authenticatorData: attestationObject ? undefined : text(authenticatorData),
    signature: text(signature) || undefined,
    userHandle: text(userHandle) || undefined,
  } });
}

const reasons = {
  InvalidStateError: 'This device or key already holds a passkey for your account.',
  NotAllowedError: 'No passkey was used. Try again, or use the other way.',
  SecurityError: 'Passkeys do not work at this address of the site.',
};

export async function passkey(button) {
  const { form } = button, problem = form.querySelector('[data-passkey-problem]');
  const say = (words) => {
    problem.textContent = words;
    problem.hidden = !words;
  };
  say('');
  if (!window.PublicKeyCredential) return say('This browser does not know passkeys. Use the other way.');
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.challenge, {
      method: 'POST', body: new URLSearchParams({ csrf: form.elements.csrf.value }),
    });
    // Logged out meanwhile, or a confirmation is due: show the page that says so.
    if (answer.redirected) return location.assign(answer.url);
    if (!answer.ok) throw new Error(answer.status);
    const asked = await answer.json();
    form.elements.passkey.value = told(await (button.dataset.passkey === 'make' ? make : use)(asked));
    form.submit();
  } catch (error) {
    say(reasons[error.name] || 'That did not work. Reload the page and try again.');
  } finally {
    button.disabled = false;
  }
  return undefined;
}
