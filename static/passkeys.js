/* Makes and shows passkeys for forms with data-passkey="make" or "show". Without script, or in a browser that knows no
   passkeys, such a form stays hidden and its page works by code or password. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const spelled = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const asked = {
    make: (options) =>
      navigator.credentials.create({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          user: { ...options.user, id: bytes(options.user.id) },
          excludeCredentials: known(options.excludeCredentials),
        },
      }),
    show: (options) =>
      navigator.credentials.get({
        publicKey: {
          ...options,
          challenge: bytes(options.challenge),
          allowCredentials: known(options.allowCredentials),
        },
      }),
  };

  const answer = (credential) => {
    const told = credential.response;
    const response = { clientDataJSON: spelled(told.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (told[name]) response[name] = spelled(told[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: spelled(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: {},
    });
  };

  const fill = (form, end, value) => {
    form.querySelector(`input[name$="${end}"]`).value = value;
  };

  const run = async (form, button) => {
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    button.disabled = true;
    try {
      const reply = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
      if (!reply.ok) throw new Error(String(reply.status));
      const { options, ticket } = await reply.json();
      const credential = await asked[form.dataset.passkey](options);
      fill(form, "passkey", answer(credential));
      fill(form, "ticket", ticket);
      form.submit();
    } catch {
      /* Closed by its owner, or no key of theirs is here: the page goes on as it was. */
      failed.hidden = false;
      button.disabled = false;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form, event.submitter || form.querySelector("button"));
    });
  }
})();
