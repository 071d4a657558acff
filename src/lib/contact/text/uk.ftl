### Сторінка форми зв’язку.

contact-title = Зв’яжіться з нами
contact-lead = Ми відповідаємо електронною поштою.
contact-name = Ім’я
contact-email = Електронна пошта
contact-company = Компанія
contact-phone = Телефон
contact-free = за бажанням
contact-topic = Тема
contact-general = Загальне
contact-support = Підтримка
contact-sales = Продажі
contact-partnership = Партнерство
contact-security = Безпека
contact-feedback = Відгук
contact-other = Інше
contact-subject = Про що
contact-message = Повідомлення
contact-message-hint = Щонайменше 10 символів. Ніколи не пишіть тут пароль.
contact-trap = Залиште це поле порожнім
contact-send = Надіслати
contact-direct = Напряму
contact-hours = Години роботи
contact-address = Адреса
contact-link = Також на

contact-no-name = Введіть своє ім’я
contact-no-email = Введіть свою електронну адресу, на яку ми відповімо
contact-bad-email = Введіть одну повну електронну адресу, наприклад olena@acme.example
contact-no-topic = Виберіть тему
contact-no-subject = Напишіть кількома словами, про що йдеться
contact-no-message = Напишіть повідомлення
contact-short = Напишіть щонайменше { $count } символів
contact-long = Скоротіть до { $count } символів
contact-driving = Введіть це ще раз звичайним текстом, не копіюючи: тут є те, чого не можна показати
contact-again = Введіть це ще раз
contact-quick = Це було дуже швидко. Нічого ще не надіслано: надішліть ще раз
contact-held = Із вашої мережі надійшло забагато повідомлень. Нічого не надіслано: спробуйте пізніше

sent-title = Дякуємо, ваше повідомлення в нас
sent-lead = Ми відповімо на вказану електронну адресу.
sent-on = Далі
