/** Colours that the colour-blind tell apart, and a printer without colours by their lightness (Okabe and Ito). */
export const palette = {
  blue: '#0072b2',
  sky: '#56b4e9',
  orange: '#e69f00',
  vermilion: '#d55e00',
  green: '#009e73',
  yellow: '#f0e442',
  purple: '#cc79a7',
  grey: '#999999'
} as const
