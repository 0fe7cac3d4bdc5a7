/** The environment as it was given to this process, before anything was set in it. */
export const given: Readonly<NodeJS.ProcessEnv> = { ...process.env };
