export function filesImportedBy(specifier: string, cwd: string): string[];
export function filesRequiredBy(path: string, cwd: string): string[];
