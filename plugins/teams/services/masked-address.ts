/** `a•••a@e•••e.com`: who has the address knows it, and nobody else learns it. */
export function masked(email: string): string {
  const at = email.lastIndexOf('@');
  const dot = email.lastIndexOf('.');
  const hidden = (part: string): string => (part.length < 3 ? '•••' : `${part[0]}•••${part.at(-1)}`);
  return `${hidden(email.slice(0, at))}@${hidden(email.slice(at + 1, dot))}${email.slice(dot)}`;
}
