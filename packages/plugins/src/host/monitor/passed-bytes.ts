/** What a request or an answer of the network carries, by its `body`, `data` or itself. */
const load = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const { body, data } = value as { readonly body?: unknown; readonly data?: unknown }
  return body ?? data
}

/** Bytes that a request to the broker, or its answer, takes over the network; 0 for what stays on this machine. */
export const passed = (method: string, value: unknown): number => {
  if (!method.startsWith('http.') && !method.startsWith('ws.')) return 0
  const found = load(value)
  if (typeof found === 'string') return Buffer.byteLength(found)
  return found instanceof Uint8Array ? found.byteLength : 0
}
