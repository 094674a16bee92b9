import { useLayoutEffect, useRef } from 'react'

type Props = { readonly text: string; readonly title?: string }

/** A figure that shows for a moment that it reads otherwise now, unless the system asks for less motion. */
export function Figure({ text, title }: Props) {
  const element = useRef<HTMLSpanElement>(null)
  const before = useRef(text)
  useLayoutEffect(() => {
    if (before.current === text) return
    before.current = text
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    element.current?.animate([{ backgroundColor: 'var(--flash)' }, { backgroundColor: 'transparent' }], {
      duration: 1_200,
      easing: 'ease-out'
    })
  }, [text])
  return (
    <span ref={element} className="figure" title={title}>
      {text}
    </span>
  )
}
