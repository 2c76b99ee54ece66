export const SECRET = 'whsec_of_the_benchmark';
