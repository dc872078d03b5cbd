// follows new arrivals: a page that shows what was newest moves on to what is newest now
let known = null;
const newest = document.querySelector(".list .card");
const followsNewest = !newest || newest.classList.contains("here");
async function look() {
  try {
    const state = await (await fetch("/state")).text();
    if (known !== null && state !== known) {
      if (location.pathname.startsWith("/mail") && followsNewest && !location.search) location.href = "/mail";
      else location.reload();
    }
    known = state;
  } catch { /* the sandbox was stopped */ }
}
look();
setInterval(look, 2000);
const stream = document.querySelector(".stream");
if (stream) stream.scrollTop = stream.scrollHeight;
