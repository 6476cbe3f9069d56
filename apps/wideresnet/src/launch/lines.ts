const begin = 'steppe-launch: ';

/** The line by which the first rank says that all of them listen to signals. */
export const readyLine = `${begin}ready`;

/** The line by which a rank says what it ends with. */
export const codeLine = (code: number): string => `${begin}code ${code}`;
