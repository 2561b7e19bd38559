/**
 * An environment variable that the template sets.
 * @throws Error naming it, when the function starts rather than at its first use
 */
export function environment(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`the environment variable ${name} is missing; serverless.yml sets it for this function`);
  return value;
}
