/** The plugins that come with the server; they are first-party and run sandboxed like any other. */
export const bundledPlugins: readonly { readonly name: string; readonly url: string }[] = [
  'clock',
  'notes',
].map((name) => ({
  name,
  url: import.meta.resolve(`@covent/plugin-${name}`),
}))
