export const metadata = { title: 'Not found' }

export { Nothing as default } from '@/components/nothing'
