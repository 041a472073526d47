// Fingers need the on-screen keyboard: while a text field of the studio is active, a hidden input takes the focus.
export function watchTyping({studio}, canvas, field) {
  canvas.addEventListener('touchend', () => setTimeout(() => (studio.wantsText ? field.focus() : field.blur()), 60));
  field.addEventListener('input', event => {
    for (const character of event.data ?? '') studio.type(character);
    field.value = '';
  });
}
