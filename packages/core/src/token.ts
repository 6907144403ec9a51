/** Names a service. A symbol at run time; to the checker a constructor of `T`, so that a container infers `T` from it. */
// oxlint-disable-next-line typescript/no-explicit-any -- a constructor type that every implementation fits needs `any[]`
export type Token<T> = abstract new (...args: any[]) => T

/** Makes the token of a service; the same name gives the same token, also across two installed copies of core. */
export const token = <T>(name: string): Token<T> => Symbol.for(`covent.${name}`) as never
