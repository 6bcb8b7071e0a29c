// A copy of the chat by mail: ask where it would go, say so, and send it when the shopper agrees. Before chat.js, in its
// scope. The menu has the item only where the shop has a mail server.
let mailTo = null;  // the veiled address that the shopper was shown

async function mailed(to) {
  const answer = await post("/chat/mail", to ? { conversation: conversation(), to } : { conversation: conversation() });
  const told = await answer?.json().catch(() => null);
  return answer?.ok ? told : { reason: told?.reason ?? "The copy could not be sent. Please try again in a moment." };
}
async function askMail() {
  const { to, reason } = await mailed(null);
  mailTo = to ?? null;
  if (mailTo) tellShopper(`Send a copy of this chat to ${mailTo}?`, sendMail);
  else tellShopper(reason);
}
async function confirmMail() {
  tellShopper("Sending…");
  const { sent, reason } = await mailed(mailTo);
  tellShopper(sent ? `A copy is on its way to ${sent}.` : reason);
}
